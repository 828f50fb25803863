"""Hits a lifecycle at a point, runs it again, and counts what was repeated and what is there."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import yaml

from config import settings
from config.use_case import UseCase, load_use_case
from flows.stages import NAMES
from tasks.platform.seed import seed_use_case
from tests.flows.endings import Deployed, processes_of
from tests.patience import PATIENCE, until
from tests.resilience import points
from tests.resilience.points import Point
from tests.use_cases import content

CASE = "cake_popularity"
ONE_CANDIDATE = content(CASE)["candidates"][:1]
"""For a test that needs no choice of a model: each candidate is a training job of every run."""
POLL = 0.02
"""Seconds between two looks at a run. The shortest point lasts longer."""
LONGEST_SECONDS = 10.0
"""How long a run may take to end after it was asked to."""
ENDED = (str(128 + signal.SIGTERM), "Cancelled")
"""The exit status of a command that SIGTERM ended, and the state of a flow run that was cancelled."""


class Outcome(Protocol):
    """What came of hitting a run."""

    @property
    def as_it_should_be(self) -> bool:
        """Whether nothing was repeated, doubled or left that should not be."""
        ...

    def row(self) -> dict[str, str]:
        """The figures of a table's row, by heading."""
        ...


@dataclass(frozen=True)
class Killed:
    """What a run that was killed, and the next one, have made together."""

    point: Point
    repeated: tuple[str, ...]
    """The stages up to the one that was hit whose cached steps ran in the second run."""
    training_jobs: int
    expected_training_jobs: int
    processing_jobs: int
    versions: int
    mlflow_runs: int
    """Without those of candidates."""
    mlflow_unfinished: int
    orphans: int
    """Jobs in progress after the second run."""
    half_written: int
    """Versions of data without a manifest."""

    @property
    def as_it_should_be(self) -> bool:
        """Whether at most the stage that was hit was repeated, and there is one of everything."""
        once = (self.processing_jobs, self.versions, self.mlflow_runs, self.training_jobs / self.expected_training_jobs)
        none = (self.mlflow_unfinished, self.orphans, self.half_written)
        return set(self.repeated) <= {self.point.stage} and set(once) == {1} and not any(none)

    def row(self) -> dict[str, str]:
        """The figures of a table's row, by heading."""
        return {
            "killed when": self.point.title,
            "repeated": ", ".join(self.repeated) or "nothing",
            "training jobs": f"{self.training_jobs} of {self.expected_training_jobs}",
            "evaluations": str(self.processing_jobs),
            "versions": str(self.versions),
            "MLflow runs": str(self.mlflow_runs),
            "unfinished": str(self.mlflow_unfinished),
            "orphans": str(self.orphans),
            "half-written": str(self.half_written),
        }


@dataclass(frozen=True)
class Stopped:
    """How a run that was asked to stop ended."""

    point: Point
    ended: str
    """The exit status, or Prefect's state."""
    seconds: float
    """From the signal, or the cancellation, until the process was gone."""
    jobs_left: int
    """Jobs in progress when the process was gone."""

    by: str = "SIGTERM"
    """What asked it to stop."""

    @property
    def as_it_should_be(self) -> bool:
        """Whether it ended in time, in the right state, and no job runs on."""
        return self.ended in ENDED and self.seconds < LONGEST_SECONDS and not self.jobs_left

    def row(self) -> dict[str, str]:
        """The figures of a table's row, by heading."""
        return {
            f"{self.by} when": self.point.title,
            "ended": self.ended,
            "seconds": f"{self.seconds:.1f}",
            "jobs left": str(self.jobs_left),
        }


def kill_at(point: Point, folder: Path, name: str, **changes: Any) -> Killed:
    """Kill a lifecycle of the small use case, with changes, with SIGKILL at a point, run it again, and count."""
    path, case = case_of(folder, name, **changes)
    process = start(path)
    _wait_for(point, case, process)
    process.kill()
    process.communicate(timeout=PATIENCE)
    assert process.returncode == -signal.SIGKILL, f"{point.title}: the run ended before it was hit"
    again = start(path)
    output, _ = again.communicate(timeout=PATIENCE)
    assert again.returncode == 0, output
    return _counted(point, case)


def _counted(point: Point, case: UseCase) -> Killed:
    ran, logged = points.ran_in_last_run(case), points.mlflow_runs(case)
    done = NAMES[: NAMES.index(point.stage) + 1]
    return Killed(
        point=point,
        repeated=tuple(stage for stage in done if ran.get(stage)),
        training_jobs=len(points.jobs(case, "training")),
        expected_training_jobs=len(case.candidates) + case.training.refit,
        processing_jobs=len(points.jobs(case, "processing")),
        versions=len(points.versions(case)),
        mlflow_runs=sum(parent is None for _, _, parent in logged),
        mlflow_unfinished=sum(status == "RUNNING" for _, status, _ in logged),
        orphans=jobs_in_progress(case),
        half_written=len(points.half_written(case)),
    )


def stop_at(point: Point, folder: Path, name: str) -> Stopped:
    """Send SIGTERM to a lifecycle at a point, and wait for its end."""
    path, case = case_of(folder, name)
    process = start(path)
    _wait_for(point, case, process)
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE)
    return Stopped(point, str(process.returncode), time.monotonic() - begun, jobs_in_progress(case))


def cancel_at(flows: Deployed, point: Point, folder: Path, name: str) -> Stopped:
    """Cancel a lifecycle that a worker of `flows` runs, at a point, and wait for its end."""
    path, case = case_of(folder, name)
    flow_run = flows.start({"use_case": str(path)}).id
    while not point.reached(case):
        time.sleep(POLL)
    begun = time.monotonic()
    flows.cancel(flow_run)
    until(lambda: not processes_of(flow_run))
    seconds = time.monotonic() - begun
    return Stopped(point, str(flows.final_state(flow_run).name), seconds, jobs_in_progress(case), by="Cancelled")


def case_of(folder: Path, name: str, **changes: Any) -> tuple[Path, UseCase]:
    """A copy of the small use case under another name, with changes of its top-level keys.

    Returns its YAML file, and the use case, which the platform knows.
    """
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump({**content(CASE), "name": name, **changes}))
    seed_use_case(name)
    return path, load_use_case(str(path))


def start(path: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start the lifecycle of a YAML file's use case, as a process that leads a group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "flows.commands.entry_point", "run", "lifecycle", "--use-case", str(path), *arguments],
        cwd=settings.PROJECT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "COLUMNS": "200"},
        start_new_session=True,
    )


def _wait_for(point: Point, case: UseCase, process: subprocess.Popen[str]) -> None:
    while process.poll() is None and not point.reached(case):
        time.sleep(POLL)


def jobs_in_progress(case: UseCase) -> int:
    return sum(len(points.jobs(case, kind, "InProgress")) for kind in ("training", "processing"))


def table(outcomes: Sequence[Outcome]) -> str:
    """The outcomes as a Markdown table, one that is not as it should be with a mark."""
    headings = list(outcomes[0].row())
    rows = [[*outcome.row().values(), "" if outcome.as_it_should_be else "✗"] for outcome in outcomes]
    lines = [[*headings, ""], ["---"] * (len(headings) + 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
