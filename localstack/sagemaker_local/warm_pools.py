"""Warm pools of training jobs, as AWS shows them. Instances start at once here, so no instance is kept."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from sagemaker_local.errors import ValidationException
from sagemaker_local.failure_reasons import store_with_retries

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.store import Record

_KEEP = "KeepAlivePeriodInSeconds"
AVAILABLE = (("json_extract(body, '$.WarmPoolStatus.Status') = ?", "Available"),)


def retain(body: dict[str, Any], now: float) -> None:
    """An ended job with KeepAlivePeriodInSeconds leaves a warm pool for that time."""
    if body["ResourceConfig"].get(_KEEP) and body["TrainingJobStatus"] != "Failed":
        body["WarmPoolStatus"] = {"Status": "Available"}
        body["_WarmSince"] = now


def prolong(body: dict[str, Any], seconds: int) -> None:
    """UpdateTrainingJob's KeepAlivePeriodInSeconds.

    Raises:
        ValidationException: the job's warm pool has ended.
    """
    status = body.get("WarmPoolStatus", {}).get("Status")
    if status == "Terminated":
        raise ValidationException(f"The warm pool of training job {body['TrainingJobName']} is in status {status}.")
    body["ResourceConfig"][_KEEP] = seconds


def terminate_in_time(engine: Engine, record: Record) -> None:
    """Ends a job's warm pool when its time is over; reschedules if the pool was extended."""
    if not is_available(record.body):
        return
    over = record.body["_WarmSince"] + record.body["ResourceConfig"].get(_KEEP, 0)
    timer = threading.Timer(max(0.0, over - engine.clock.now()), _end_if_over, (engine, record))
    timer.daemon = True
    timer.start()


def is_available(body: dict[str, Any]) -> bool:
    return bool(body.get("WarmPoolStatus", {}).get("Status") == "Available")


def _end_if_over(engine: Engine, record: Record) -> None:
    def mutate(body: dict[str, Any]) -> None:
        warm = engine.clock.now() - body["_WarmSince"]
        if is_available(body) and warm >= body["ResourceConfig"].get(_KEEP, 0):
            body["WarmPoolStatus"] = {"Status": "Terminated", "ResourceRetainedBillableTimeInSeconds": round(warm)}

    store_with_retries(lambda: engine.change(record, mutate), lambda: engine.executors.ending)
