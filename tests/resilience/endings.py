"""Hits a lifecycle at a point, runs it again, and says what was repeated and what was left."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import yaml

from config import settings
from config.use_case import UseCase, load_use_case
from flows.stages import NAMES
from tests.patience import PATIENCE
from tests.resilience import points
from tests.resilience.points import Point
from tests.use_cases import content

CASE = "cake_popularity"


def case_of(folder: Path, name: str) -> tuple[Path, UseCase]:
    """A copy of the small use case under another name: its YAML file, and the use case."""
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump({**content(CASE), "name": name}))
    return path, load_use_case(str(path))


def start(path: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start the lifecycle of a YAML file's use case, as a process that leads a group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "flows.commands.main", "run", "lifecycle", "--use-case", str(path), *arguments],
        cwd=settings.PROJECT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "COLUMNS": "200"},
        start_new_session=True,
    )


def _wait_for(point: Point, case: UseCase, process: subprocess.Popen[str]) -> None:
    while process.poll() is None and not point.reached(case):
        time.sleep(0.005)


@dataclass(frozen=True)
class Killed:
    """What a run that was killed, and the next one, have left together."""

    point: Point
    repeated: tuple[str, ...]
    """The stages up to the one that was hit whose cached steps ran in the second run."""
    training_jobs: int
    processing_jobs: int
    versions: int
    mlflow_runs: int
    """Without those of candidates."""
    mlflow_unfinished: int
    orphans: int
    """Jobs in progress after the second run."""
    half_written: int

    @property
    def as_it_should_be(self) -> bool:
        """Whether at most the stage that was hit was repeated, and there is one of everything."""
        counts = (self.processing_jobs, self.versions, self.mlflow_runs)
        rest = (self.mlflow_unfinished, self.orphans, self.half_written)
        return set(self.repeated) <= {self.point.stage} and counts == (1, 1, 1) and rest == (0, 0, 0)


def kill_at(point: Point, folder: Path, name: str) -> Killed:
    """Kill a lifecycle with SIGKILL at a point, run it again, and count."""
    path, case = case_of(folder, name)
    process = start(path)
    _wait_for(point, case, process)
    process.kill()
    assert process.communicate(timeout=PATIENCE)[0] is not None
    assert process.returncode == -signal.SIGKILL, f"{point.title}: the run ended before it was hit"
    again = start(path)
    output, _ = again.communicate(timeout=PATIENCE)
    assert again.returncode == 0, output
    return counted(point, case)


def counted(point: Point, case: UseCase) -> Killed:
    """Count what is there of a use case after its second run."""
    ran, logged = points.ran_in_last_run(case), points.mlflow_runs(case)
    done = NAMES[: NAMES.index(point.stage) + 1]
    return Killed(
        point=point,
        repeated=tuple(stage for stage in done if ran.get(stage)),
        training_jobs=len(points.jobs(case, "training")),
        processing_jobs=len(points.jobs(case, "processing")),
        versions=len(points.versions(case)),
        mlflow_runs=sum(parent is None for _, _, parent in logged),
        mlflow_unfinished=sum(status == "RUNNING" for _, status, _ in logged),
        orphans=sum(len(points.jobs(case, kind, "InProgress")) for kind in ("training", "processing")),
        half_written=len(points.half_written(case)),
    )


@dataclass(frozen=True)
class Stopped:
    """How a run that was asked to stop has ended."""

    point: Point
    status: int
    seconds: float
    """From the signal until the process was gone."""
    jobs_left: int
    """Jobs in progress two seconds later."""


def stop_at(point: Point, folder: Path, name: str, number: signal.Signals = signal.SIGTERM) -> Stopped:
    """Send a signal to a lifecycle at a point and wait for its end."""
    path, case = case_of(folder, name)
    process = start(path)
    _wait_for(point, case, process)
    begun = time.monotonic()
    process.send_signal(number)
    process.communicate(timeout=PATIENCE)
    seconds = time.monotonic() - begun
    running = sum(len(points.jobs(case, kind, "InProgress")) for kind in ("training", "processing"))
    return Stopped(point, process.returncode, seconds, running)
