"""While the database can't be written, as on a full disk, nothing is half stored; afterwards every job ends."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from sagemaker_local import failure_reasons, pipeline_executions
from sagemaker_local.engine import Engine
from sagemaker_local.executors.pipelines import PipelineRun
from sagemaker_local.executors.tuning import TuningRun
from sagemaker_local.store import Record, Store
from tests.patience import PATIENCE, until
from tests.sagemaker_local.engine_support import idle_engine
from tests.sagemaker_local.pipeline_support import definition, fail
from tests.sagemaker_local.support import IMAGE, ROLE

RECORD = Record("Thing", "one", "arn:one", 0.0, 0.0, None)
INSTANCES = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
TUNING = {
    "HyperParameterTuningJobName": "tuning",
    "HyperParameterTuningJobConfig": {
        "Strategy": "Random",
        "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "score"},
        "ResourceLimits": {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 1},
        "ParameterRanges": {"ContinuousParameterRanges": [{"Name": "point", "MinValue": "0", "MaxValue": "1"}]},
    },
    "TrainingJobDefinition": {
        "AlgorithmSpecification": {
            "TrainingImage": IMAGE,
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "score", "Regex": "score=(.*);"}],
        },
        "RoleArn": ROLE,
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
        "ResourceConfig": INSTANCES,
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    },
}
TRAINING = {"TrainingJobName": "job", **TUNING["TrainingJobDefinition"]}  # type: ignore[dict-item]


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr(failure_reasons, "_RETRY_AFTER", 0.02)
    with idle_engine(tmp_path) as made:
        yield made


def writable(engine: Engine, *, possible: bool) -> None:
    engine.store._database.execute(f"PRAGMA query_only = {'OFF' if possible else 'ON'}")


@pytest.fixture
def meanwhile_full(engine: Engine, capsys: pytest.CaptureFixture[str]) -> Callable[[Callable[[], object]], None]:
    """Runs `work` while no write is possible, until a write was refused; then writes are possible again."""

    def during(act: Callable[[], object]) -> None:
        writable(engine, possible=False)
        act()
        until(lambda: "Trying again" in capsys.readouterr().err)
        writable(engine, possible=True)

    return during


def stored(engine: Engine, kind: str, name: str) -> dict[str, Any]:
    record = engine.find(kind, name)
    return record.body if record else {}


def created(engine: Engine, kind: str, request: dict[str, Any]) -> Record:
    """A job that no executor has started, because none is bound."""
    with pytest.raises(RuntimeError):
        engine.create(engine.kinds[kind], request)
    return engine.store.with_status(kind, ("InProgress",))[0]


def inserted(engine: Engine, kind: str, status: str) -> Record:
    record = Record(kind, "one", f"arn:{kind}", 0.0, 0.0, status, {engine.kinds[kind].status: status})
    engine.store.insert(record)
    return record


def test_what_belongs_together_is_stored_whole_or_not_at_all() -> None:
    store = Store(":memory:")
    with pytest.raises(OSError, match="full"), store.exclusively():
        store.insert(RECORD, {"a": "b"})
        with store.exclusively():
            store.next_version("counter")
        raise OSError("full")
    assert store.get("Thing", "one") is None
    assert store.next_version("counter") == 1
    store.insert(RECORD, {"a": "b"})
    assert store.tags("arn:one") == {"a": "b"}


def test_a_resource_whose_tags_do_not_fit_is_not_stored() -> None:
    store = Store(":memory:")
    pages = store._database.execute("PRAGMA page_count").fetchone()[0]
    store._database.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        store.insert(RECORD, {"key": "x" * 100_000})
    assert store.get("Thing", "one") is None


def piped(engine: Engine) -> dict[str, Any]:
    """The request that starts an execution of a new pipeline."""
    pipeline = {"PipelineName": "p", "PipelineDefinition": definition(fail("F")), "RoleArn": ROLE}
    engine.create(engine.kinds["Pipeline"], pipeline)
    return {"PipelineName": "p"}


def test_an_execution_that_cannot_be_stored_fails_when_it_can(
    engine: Engine, meanwhile_full: Callable[[Callable[[], object]], None]
) -> None:
    with pytest.raises(RuntimeError):
        pipeline_executions.start(engine, piped(engine))
    record = engine.store.with_status("PipelineExecution", ("Executing",))[0]
    run = Thread(target=PipelineRun(engine.executors.tools, engine, record))
    meanwhile_full(run.start)
    run.join(PATIENCE)
    body = stored(engine, "PipelineExecution", record.name)
    assert body["PipelineExecutionStatus"] == "Failed"
    assert "SageMaker local can't write its database" in body["FailureReason"]


def test_an_execution_that_was_not_started_is_not_stored(engine: Engine) -> None:
    request = piped(engine)

    def refuse(record: Record, **members: Any) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    engine.save = refuse  # type: ignore[method-assign]
    with pytest.raises(sqlite3.OperationalError):
        pipeline_executions.start(engine, request)
    assert engine.store.with_status("PipelineExecution", ("Executing",)) == []


def test_a_tuning_job_that_cannot_be_stored_fails_when_it_can(
    engine: Engine, meanwhile_full: Callable[[Callable[[], object]], None]
) -> None:
    record = created(engine, "HyperParameterTuningJob", TUNING)
    run = Thread(target=TuningRun(engine.executors.tools, engine, record), args=(Event(),))
    meanwhile_full(run.start)
    run.join(PATIENCE)
    body = stored(engine, "HyperParameterTuningJob", "tuning")
    assert body["HyperParameterTuningJobStatus"] == "Failed"
    assert "SageMaker local can't write its database" in body["FailureReason"]


def test_a_waiting_job_that_is_stopped_ends_when_it_can_be_stored(engine: Engine) -> None:
    record = created(engine, "TrainingJob", TRAINING)
    executor, turn = engine.executors.training, Event()
    executor.bind(engine)
    record.status = "InProgress"
    executor._pool.submit(turn.wait)
    executor.submit(record)
    writable(engine, possible=False)
    with pytest.raises(sqlite3.OperationalError):
        executor.stop(record)
    writable(engine, possible=True)
    until(lambda: stored(engine, "TrainingJob", "job")["TrainingJobStatus"], lambda status: status == "Stopped")
    turn.set()


def test_a_feature_group_is_created_when_it_can_be_stored(
    engine: Engine, meanwhile_full: Callable[[Callable[[], object]], None]
) -> None:
    features = engine.executors.features
    features.bind(engine)
    record = inserted(engine, "FeatureGroup", "Creating")
    meanwhile_full(lambda: features.create(record))
    until(lambda: stored(engine, "FeatureGroup", "one")["FeatureGroupStatus"] == "Created")


def test_a_tracking_server_stops_when_it_can_be_stored(
    engine: Engine, meanwhile_full: Callable[[Callable[[], object]], None]
) -> None:
    servers = engine.executors.tracking
    servers.bind(engine)
    record = inserted(engine, "MlflowTrackingServer", "Stopping")
    meanwhile_full(lambda: servers.stop(record))
    until(lambda: stored(engine, "MlflowTrackingServer", "one")["TrackingServerStatus"] == "Stopped")


def test_an_endpoint_is_gone_when_that_can_be_stored(
    engine: Engine, meanwhile_full: Callable[[Callable[[], object]], None]
) -> None:
    endpoints = engine.executors.endpoints
    endpoints.bind(engine)
    record = inserted(engine, "Endpoint", "Deleting")
    meanwhile_full(lambda: endpoints.delete(record))
    until(lambda: engine.find("Endpoint", "one") is None)
