"""The whole lifecycle of one use case, from its source to the drift of what was scored."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from prefect import flow

from config.errors import GateError
from flows.session.runtime import AT_THE_SAME_TIME, begin
from tasks import names
from tasks.cloudwatch_metrics import publish_drift, publish_quality, publish_times
from tasks.deploy import deploy
from tasks.evaluate import evaluate
from tasks.ingest import ingest
from tasks.latest import remember
from tasks.monitor import monitor
from tasks.pages.lifecycle import write_page
from tasks.predict import predict_held_out
from tasks.references import LifecycleRun, StageTime
from tasks.register import register
from tasks.split import split
from tasks.train import best, train
from tasks.validate import validate


@flow(name="lifecycle", flow_run_name="lifecycle-{use_case}", task_runner=AT_THE_SAME_TIME)
def lifecycle(use_case: str, source: str | None = None) -> LifecycleRun:
    """Take a use case through every stage and leave a page about it.

    `use_case` is a name in config/use_cases/ or the path of a YAML file; `source` replaces the configured source.
    Raises the errors of config/errors.py; what earlier stages have published stays, and running again is safe.
    """
    case = begin(use_case)
    started, times = datetime.now(UTC), list[StageTime]()

    with stage("ingest", times):
        dataset = remember(ingest(case, source))
    with stage("validate", times):
        validated = remember(validate(case, dataset))
    with stage("split", times):
        parts = remember(split(case, validated))
    with stage("train", times):
        training = [train.submit(case, parts, candidate) for candidate in case.candidates]
        models = [job.result() for job in training]  # all of one split, or none is remembered
        for model in models:
            remember(model, model.candidate)
    with stage("evaluate", times):
        evaluation = remember(evaluate(case, parts, best(case, models)))
    with stage("register", times):
        release = remember(register(case, parts, models, evaluation))
    if release.champion_arn is None:
        raise GateError(f"{case.name}: nothing to deploy: {'; '.join(release.reasons)}")
    with stage("deploy", times):
        deployment = remember(deploy(case, release))
    with stage("predict", times):
        predictions = remember(predict_held_out(case, deployment, parts))
        publish_quality(predictions)
    with stage("monitor", times):
        drift = remember(monitor(case, parts, predictions))
        publish_drift(drift)
    publish_times(case.name, times)

    return write_page(
        case,
        LifecycleRun(
            use_case=case.name,
            run=names.stamp(),
            started=started,
            dataset=dataset,
            validated=validated,
            split=parts,
            models=tuple(models),
            evaluation=evaluation,
            release=release,
            deployment=deployment,
            predictions=predictions,
            drift=drift,
            times=tuple(times),
        ),
    )


@contextmanager
def stage(name: str, times: list[StageTime]) -> Iterator[None]:
    """Time a stage and add it to `times` when it ends well."""
    begun = time.monotonic()
    yield
    times.append(StageTime(stage=name, seconds=time.monotonic() - begun))
