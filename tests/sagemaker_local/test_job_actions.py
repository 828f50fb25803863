"""What the four kinds of jobs have in common: unique names, lists, tags, and how Stop ends their processes."""

import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from sagemaker_local.resource_kind import ResourceKind
from sagemaker_local.resources import KINDS
from tests.sagemaker_local import test_processing_jobs, test_transform_jobs, test_tuning_jobs
from tests.sagemaker_local.conftest import OwnServer
from tests.sagemaker_local.support import Bench, everything, unique, until

SLEEPS = "import time\nprint('up', flush=True)\ntime.sleep(600)\n"
DEAF = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SLEEPS
SLOW_MODEL = "import time\ndef model_fn(folder):\n    time.sleep(600)\n"
ENDED = ("Completed", "Failed", "Stopped")
# Python ends at SIGTERM at once; under load a job still takes its time to notice.
SOON = 30.0
TAGS = [{"Key": "run", "Value": "r1"}]
JOB_TAKEN = "Job name must be unique within an AWS account and region, and a job with this name already exists"
TAKEN = {
    "TrainingJob": "Training job names must be unique within an AWS account and region, "
    "and a training job with this name already exists",
    "ProcessingJob": JOB_TAKEN,
    "TransformJob": JOB_TAKEN,
    "HyperParameterTuningJob": "Hyperparameter tuning job names must be unique within an AWS account and region, "
    "and a hyperparameter tuning job with this name already exists",
}


def training(bench: Bench) -> dict[str, Any]:
    return bench.request(SLEEPS)


def processing(bench: Bench) -> dict[str, Any]:
    return test_processing_jobs.request(bench, SLEEPS)


def transform(bench: Bench) -> dict[str, Any]:
    return test_transform_jobs.request(bench.model(script=SLOW_MODEL), bench.put(f"{unique('rows')}/a.csv", "1\n"))


def tuning(bench: Bench) -> dict[str, Any]:
    return test_tuning_jobs.request(bench, static={"pause": "600"}, parallel=1)


REQUESTS: dict[str, Callable[[Bench], dict[str, Any]]] = {
    "TrainingJob": training,
    "ProcessingJob": processing,
    "TransformJob": transform,
    "HyperParameterTuningJob": tuning,
}


@dataclass(frozen=True)
class Job:
    """A job that runs until it is stopped."""

    bench: Bench
    kind: ResourceKind
    request: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.request[self.kind.key])

    @property
    def status(self) -> str:
        return str(self.call("Describe", self.named)[self.kind.status])

    @property
    def named(self) -> dict[str, Any]:
        return {self.kind.key: self.name}

    def call(self, verb: str, request: dict[str, Any]) -> dict[str, Any]:
        return dict(getattr(self.bench.sagemaker, xform_name(self.kind.action(verb)))(**request))

    def listed(self, **filters: Any) -> list[str]:
        action = xform_name(self.kind.action("List"))
        summaries = everything(self.bench.sagemaker, action, NameContains=self.name, **filters)
        return [summary[self.kind.key] for summary in summaries]

    def processes(self) -> list[int]:
        """Every process below the folders of this job, which have its name."""
        return [
            process.pid
            for process in psutil.process_iter(["cmdline"])
            if any(f"/work/{self.name}" in word for word in process.info["cmdline"] or [])
        ]


@pytest.fixture(scope="module", params=REQUESTS)
def job(bench: Bench, request: pytest.FixtureRequest) -> Iterator[Job]:
    """One job of each kind, whose process runs. The last test of this module stops it."""
    job = Job(bench, KINDS[request.param], {**REQUESTS[request.param](bench), "Tags": TAGS})
    job.call("Create", job.request)
    until(job.processes)
    yield job
    if job.status not in ENDED:
        job.call("Stop", job.named)


def test_a_second_job_of_one_name_is_refused_and_the_first_runs_on(job: Job) -> None:
    before = job.processes()
    with pytest.raises(ClientError) as refused:
        job.call("Create", job.request)
    arn = job.call("Describe", job.named)[job.kind.arn_member]
    error = refused.value.response["Error"]
    assert error == {"Code": "ResourceInUse", "Message": f"{TAKEN[job.kind.name]} ({arn})"}
    assert job.status == "InProgress"
    assert set(before) <= set(job.processes())


def test_a_running_job_is_found_by_status_name_and_time(job: Job) -> None:
    created = job.call("Describe", job.named)["CreationTime"]
    assert job.listed(StatusEquals="InProgress") == [job.name]
    assert job.listed(StatusEquals="Completed") == []
    assert job.listed(CreationTimeAfter=created, SortBy="CreationTime", SortOrder="Descending") == [job.name]
    assert job.listed(CreationTimeAfter=created.replace(year=created.year + 1)) == []


def test_its_tags_are_listed(job: Job) -> None:
    arn = job.call("Describe", job.named)[job.kind.arn_member]
    assert job.bench.sagemaker.list_tags(ResourceArn=arn)["Tags"] == TAGS


def test_stop_ends_its_processes_soon_and_may_be_repeated_until_it_has_ended(job: Job) -> None:
    assert job.processes()
    job.call("Stop", job.named)
    try:
        job.call("Stop", job.named)
    except ClientError as ended:  # between the two requests
        assert "is in status Stopped" in str(ended)
    assert until(lambda: job.status, lambda status: status in ENDED, SOON) == "Stopped"
    until(job.processes, lambda left: not left, SOON)
    with pytest.raises(ClientError) as refused:
        job.call("Stop", job.named)
    error = refused.value.response["Error"]
    assert (error["Code"], error["Message"].endswith("is in status Stopped.")) == ("ValidationException", True)
    assert job.status == "Stopped"


def test_a_stopped_job_that_ignores_sigterm_is_killed_after_its_grace(start_server: Callable[..., OwnServer]) -> None:
    bench = start_server("--time-scale", "240").bench
    job = Job(bench, KINDS["TrainingJob"], bench.request(DEAF))
    job.call("Create", job.request)
    until(lambda: [pid for pid in job.processes() if ignores_sigterm(pid)])
    job.call("Stop", job.named)
    assert until(lambda: job.status, lambda status: status in ENDED, SOON) == "Stopped"
    assert not job.processes()


def ignores_sigterm(pid: int) -> bool:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:  # it has ended in the meantime
        return False
    ignored = next(line for line in lines if line.startswith("SigIgn:")).split()[1]
    return bool(int(ignored, 16) & 1 << (signal.SIGTERM - 1))
