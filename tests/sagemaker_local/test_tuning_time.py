"""The time limit of a tuning job, with a fake clock."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sagemaker_local.arns import Account
from sagemaker_local.engine import Engine
from sagemaker_local.executors import Executors, Tools
from sagemaker_local.logs import LogWriter
from sagemaker_local.s3 import S3
from sagemaker_local.sandbox import Sandbox
from sagemaker_local.store import Store
from tests.sagemaker_local.fake_clock import FakeClock
from tests.sagemaker_local.support import Bench, until
from tests.sagemaker_local.test_tuning_jobs import request

REGION = "us-east-1"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def engine(bench: Bench, tmp_path: Path, clock: FakeClock) -> Iterator[Engine]:
    """An engine in this process that uses the cloud's S3."""
    (tmp_path / "work").mkdir()
    tools = Tools(Sandbox(), S3(REGION), LogWriter(REGION), tmp_path / "work", REGION)
    executors = Executors(tools, 2)
    store = Store(":memory:")
    made = Engine(store, clock, Account(), executors)
    executors.bind(made)
    yield made
    executors.shutdown()
    store.close()


def test_past_its_runtime_the_training_jobs_are_stopped_and_no_more_started(
    engine: Engine, bench: Bench, clock: FakeClock
) -> None:
    asked = request(bench, jobs=20, static={"pause": "30"})
    asked["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxRuntimeInSeconds"] = 600
    engine.call("CreateHyperParameterTuningJob", asked)
    name = {"HyperParameterTuningJobName": asked["HyperParameterTuningJobName"]}

    def started() -> int:
        listed = engine.call("ListTrainingJobsForHyperParameterTuningJob", name)["TrainingJobSummaries"]
        return sum("TrainingStartTime" in trial for trial in listed)

    until(started, lambda count: count == 2)
    clock.advance(599)
    assert engine.call("DescribeHyperParameterTuningJob", name)["HyperParameterTuningJobStatus"] == "InProgress"
    clock.advance(2)
    job = until(
        lambda: engine.call("DescribeHyperParameterTuningJob", name),
        lambda job: job["HyperParameterTuningJobStatus"] != "InProgress",
    )
    assert job["TrainingJobStatusCounters"]["Stopped"] == 2
    assert job["TrainingJobStatusCounters"]["Completed"] == 0
    assert job["ConsumedResources"]["RuntimeInSeconds"] == 601
