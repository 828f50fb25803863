"""Runs a lifecycle on a cloud with faults, runs it again if it failed, and counts what is there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import yaml

from config import settings
from config.errors import VishwaOpsError
from config.profile import VARIABLE
from config.use_case import UseCase
from flows.commands.failures import describe
from tasks.platform import platform
from tests.faulty_cloud import VARIABLES, FaultyCloud, Kind, at_calls, at_each_action, faulty_cloud
from tests.resilience import points
from tests.resilience.endings import case_of, jobs_in_progress

CREATING = (
    "CreateTrainingJob",
    "CreateProcessingJob",
    "CreateModelPackage",
    "UpdateModelPackage",
    "PutObject champion.json",
    "CreateEndpoint",
)
"""The calls that make or change something outside of the data, at most two in a step: it has two retries."""
HOSTED = ("CreateModel", "CreateEndpointConfig")
TIMES_OUT_AFTER, HANGS_FOR = 3, 4.0
"""Seconds: the read time-out of the flows' clients, and the time until a call that hangs is given up."""
TEMPORARY = ("throttled", "internal", "dropped", "lost", "hangs", "cut")
"""The faults that a run survives."""


@dataclass(frozen=True)
class Fault:
    """A fault of the first calls with each of these titles. Without titles, of every call of a run."""

    kind: Kind
    titles: tuple[str, ...] = ()
    times: int = 1

    @property
    def title(self) -> str:
        """What a table calls it."""
        calls = "every call" if not self.titles else ", ".join(self.titles) if len(self.titles) < 3 else "what creates"
        return f"{self.kind}, {self.times}x: {calls}"

    @property
    def is_survived(self) -> bool:
        """Whether the run that meets it ends well."""
        return self.kind in TEMPORARY


FAULTS = (
    *(Fault(kind, CREATING, times=3) for kind in ("throttled", "internal", "dropped", "lost")),
    *(Fault(kind, CREATING) for kind in ("hangs", "cut")),
    *(Fault(kind, HOSTED, times=3) for kind in ("throttled", "lost")),
    *(Fault(kind) for kind in ("dropped", "lost")),
    *(Fault(kind, (title,)) for kind in ("denied", "expired") for title in (*CREATING, *HOSTED)),
)


@dataclass(frozen=True)
class Faulted:
    """What a run that met a fault, and the next one if it failed, have made together."""

    fault: Fault
    hits: int
    """Calls with the fault."""
    failure: str
    """The message of the first run; empty when it ended well, `internal error` without a message for people."""
    jobs: int
    versions: int
    mlflow_runs: int
    """Without those of candidates."""
    left: int
    """Jobs in progress, MLflow runs that are unfinished, and versions of data without a manifest."""
    expected_jobs: int

    @property
    def as_it_should_be(self) -> bool:
        """Whether the run ended well or with one message, and nothing is doubled or left."""
        ended = not self.failure if self.fault.is_survived else self.failure not in ("", INTERNAL)
        whole = (self.jobs, self.versions, self.mlflow_runs, self.left) == (self.expected_jobs, 1, 1, 0)
        return bool(self.hits and ended and whole)

    def row(self) -> dict[str, str]:
        """The figures of a table's row, by heading."""
        return {
            "fault": self.fault.title,
            "hits": str(self.hits),
            "first run": self.failure or "ended well",
            "jobs": f"{self.jobs} of {self.expected_jobs}",
            "versions": str(self.versions),
            "MLflow runs": str(self.mlflow_runs),
            "left": str(self.left),
        }


INTERNAL = "internal error"


def meet(fault: Fault, folder: Path, name: str) -> Faulted:
    """Run a lifecycle that meets the fault and, if it fails, another one that meets none."""
    path, case = case_of(folder, name)
    environment = {variable: os.environ[variable] for variable in VARIABLES}
    with _short_timeouts(folder), faulty_cloud(environment) as cloud:
        failure = _failure_of(path, cloud, fault)
    if failure:
        _run(path)
    return _counted(fault, len(cloud.hit), failure, case)


def _failure_of(path: Path, cloud: FaultyCloud, fault: Fault) -> str:
    chosen = partial(at_calls, titles=fault.titles) if fault.titles else at_each_action
    cloud.faults, cloud.hang_seconds = chosen(fault.kind, times=fault.times), HANGS_FOR
    try:
        _run(path)
    except VishwaOpsError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001  the table shows it
        return describe(error) or INTERNAL
    return ""


def _run(path: Path) -> None:
    from flows.lifecycle import lifecycle  # Prefect takes seconds to import

    platform.cache_clear()
    lifecycle(str(path))


@contextmanager
def _short_timeouts(folder: Path) -> Iterator[None]:
    """The offline profile with a short read time-out."""
    profile = yaml.safe_load((settings.PROFILES / "offline.yaml").read_text())
    profile |= {"name": "impatient", "read_timeout_in_seconds": TIMES_OUT_AFTER}
    (folder / "profiles").mkdir(exist_ok=True)
    (folder / "profiles" / "impatient.yaml").write_text(yaml.safe_dump(profile))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "PROFILES", folder / "profiles")
        patch.setenv(VARIABLE, "impatient")
        yield


def _counted(fault: Fault, hits: int, failure: str, case: UseCase) -> Faulted:
    logged = points.mlflow_runs(case)
    unfinished = sum(status == "RUNNING" for _, status, _ in logged)
    return Faulted(
        fault=fault,
        hits=hits,
        failure=failure,
        jobs=sum(len(points.jobs(case, kind)) for kind in ("training", "processing")),
        versions=len(points.versions(case)),
        mlflow_runs=sum(parent is None for _, _, parent in logged),
        left=jobs_in_progress(case) + unfinished + len(points.half_written(case)),
        expected_jobs=len(case.candidates) + case.training.refit + 1,
    )
