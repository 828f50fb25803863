"""A process that scores a file and is killed at a point: `python killed.py USE_CASE_JSON SOURCE POINT`."""

import os
import signal
import sys
from typing import Any

from config.use_case import UseCase
from tasks import clients, storage
from tasks.batch import prepare, results, transform


def main(content: str, source: str, point: str) -> None:
    """Score the file; the process ends at the call of S3 or SageMaker that the point names."""
    _kill_at(point)
    case = UseCase.model_validate_json(content)
    setattr(prepare, "SHARD_ROWS", 100)  # noqa: B010
    champion = transform.scoring_model.fn(case)
    plan = prepare.prepare.fn(case, source)
    transform.transform.fn(case, plan, champion)
    results.collect.fn(case, plan, champion)


def _kill_at(point: str) -> None:
    """Kill this process after the second shard, after the job's creation, or after the first part of predictions."""
    put, shards = storage.put, []

    def put_and_die(uri: str, *more: Any) -> None:
        put(uri, *more)
        shards.extend([uri] if "/shards/" in uri else [])
        if (point == "prepare" and len(shards) == 2) or (point == "collect" and "/predictions/part-" in uri):
            os.kill(os.getpid(), signal.SIGKILL)

    storage.put = put_and_die  # type: ignore[assignment]
    if point == "transform":
        clients.sagemaker().meta.events.register(
            "after-call.sagemaker.CreateTransformJob", lambda **_: os.kill(os.getpid(), signal.SIGKILL)
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
