"""A run that ends by a signal, a cancellation, a shutdown, a time limit or a failure stops its jobs."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml
from rich.console import Console

from config.errors import JobFailed
from flows.commands import terminal
from tests.flows.conftest import PROJECT, Command, running, start
from tests.flows.endings import IMPORTABLE, SECONDS, EndlessRun, deployed, processes_of
from tests.flows.endless_flow import endless
from tests.patience import PATIENCE, at_this_load, until
from tests.small_jobs import ENDLESS, USE_CASE, Code, names_in_progress, status_of
from tests.use_cases import content

CASE = "cake_popularity"
SIGNALS = [
    ("train", signal.SIGTERM),
    ("train", signal.SIGHUP),
    ("evaluate", signal.SIGINT),
]
"""By stage; the others are SIGINT in train and SIGTERM in evaluate, which a lifecycle and a container get below."""
INTERRUPTED_IMPORT = """
import os, signal, sys
class Interrupt:
    def find_spec(self, name, *_):
        if name == "pydantic":
            os.kill(os.getpid(), signal.SIGINT)
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Interrupt())
from flows.commands.entry_point import main
sys.exit(main())
"""


@pytest.fixture
def run(sagemaker: Any, code: Code) -> Iterator[Callable[[str], EndlessRun]]:
    """Starts runs of the endless flow. Stops the jobs that a failed test has not stopped."""
    source_dir, made = code(ENDLESS), list[EndlessRun]()

    def make(stage: str) -> EndlessRun:
        made.append(EndlessRun(stage, sagemaker, source_dir))
        return made[-1]

    yield make
    for name in [name for each in made for name in each.jobs]:
        for stop, key in ((sagemaker.stop_training_job, "Training"), (sagemaker.stop_processing_job, "Processing")):
            try:
                stop(**{f"{key}JobName": name})
            except sagemaker.exceptions.ClientError:
                continue


@pytest.fixture
def endless_case(tmp_path: Path) -> Path:
    """The small use case with training jobs that end only when they are stopped."""
    endless = {"algorithm": "xgboost", "hyperparameters": {"n_estimators": 10_000_000}}
    candidates = [{"name": name, **endless} for name in ("first", "second")]
    path = tmp_path / "cake_endless.yaml"
    path.write_text(yaml.safe_dump({**content(CASE), "name": path.stem, "candidates": candidates}))
    return path


def test_an_interrupted_lifecycle_stops_its_jobs_and_ends(prefect: str, endless_case: Path, sagemaker: Any) -> None:
    process = start("run", "lifecycle", "--use-case", str(endless_case))
    names = until(lambda: names_in_progress(sagemaker, "cake-endless"), lambda names: len(names) == 2)
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=PATIENCE)
    assert (process.returncode, time.monotonic() - begun < at_this_load(SECONDS)) == (130, True), printed
    assert "stopping, with the run's jobs in SageMaker" in printed
    for name in names:
        ended = until(lambda: status_of(sagemaker, name), lambda status: status != "Stopping")  # noqa: B023
        assert ended == "Stopped"


def test_every_signal_stops_the_jobs_and_ends_the_process_in_time(
    prefect: str, run: Callable[[str], EndlessRun]
) -> None:
    with ExitStack() as stack:
        runs = [(number, run(stage)) for stage, number in SIGNALS]
        processes = [stack.enter_context(each.as_command()) for _, each in runs]
        for (number, each), process in zip(runs, processes, strict=True):
            each.wait_for_jobs()
            begun = time.monotonic()
            process.send_signal(number)
            assert process.wait(at_this_load(SECONDS)) == 128 + number, each.stage
            each.wait_for_stop(begun)


def test_a_container_that_is_stopped_ends_its_flow_run(prefect: str, run: Callable[[str], EndlessRun]) -> None:
    """What ECS does: SIGTERM to `prefect flow-run execute`."""
    evaluating = run("evaluate")
    with deployed() as flows:
        flow_run = flows.start(evaluating.parameters)
        arguments = ("prefect", "flow-run", "execute", str(flow_run.id))
        with running("flows.commands.entry_point", *arguments, **IMPORTABLE) as process:
            evaluating.wait_for_jobs()
            begun = time.monotonic()
            process.terminate()
            evaluating.wait_for_stop(begun)
            assert process.wait(at_this_load(SECONDS)) == 143
        assert not processes_of(flow_run.id)
        state = flows.final_state(flow_run.id)
        assert (state.name, state.message) == ("Crashed", "Execution was aborted by a termination signal.")


def test_a_worker_ends_flow_runs_that_are_cancelled_or_killed_and_all_others_before_itself(
    prefect: str, run: Callable[[str], EndlessRun]
) -> None:
    with deployed() as flows, flows.worker() as worker:
        runs = {name: run(stage) for name, stage in [("cancelled", "train"), ("killed", "evaluate"), ("rest", "train")]}
        ids = {name: flows.start(each.parameters).id for name, each in runs.items()}
        for each in runs.values():
            each.wait_for_jobs()

        begun = time.monotonic()
        flows.cancel(ids["cancelled"])
        runs["cancelled"].wait_for_stop(begun)
        until(lambda: not processes_of(ids["cancelled"]), seconds=PATIENCE)
        assert flows.final_state(ids["cancelled"]).name == "Cancelled"

        for process in processes_of(ids["killed"]):
            process.kill()
        state = flows.final_state(ids["killed"])
        assert (state.name, "status code: -9" in str(state.message)) == ("Crashed", True)
        until(lambda: runs["killed"].jobs, lambda names: not names)  # by the hook, in a process of its own

        assert runs["rest"].jobs
        begun = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        runs["rest"].wait_for_stop(begun)
        assert worker.wait(PATIENCE) == 143
        assert flows.final_state(ids["rest"]).name == "Crashed"


@pytest.mark.parametrize("stage", ["train", "evaluate"])
def test_a_time_limit_of_the_flow_stops_its_jobs(prefect: str, run: Callable[[str], EndlessRun], stage: str) -> None:
    limited = run(stage)
    state = endless.with_options(timeout_seconds=3)(**limited.parameters, return_state=True)
    assert (state.name, state.message) == ("TimedOut", "Flow run exceeded timeout of 3.0 second(s)")
    assert not limited.jobs


def test_a_failed_job_stops_the_others_and_is_the_error_that_is_reported(
    prefect: str, run: Callable[[str], EndlessRun], code: Code
) -> None:
    failing = run("train")
    failing_last = {**failing.parameters, "source_dirs": [failing.source_dir, code("raise SystemExit(3)")]}
    begun = time.monotonic()
    with pytest.raises(JobFailed, match=rf"{failing.prefix}-1\S+: expected Completed, found Failed"):
        endless(**failing_last)
    assert time.monotonic() - begun < PATIENCE
    assert not failing.jobs


def test_the_jobs_of_a_killed_run_are_orphans_that_one_command_stops(
    run: Callable[[str], EndlessRun], command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal, "console", Console(highlight=False, width=200))
    killed = run("train")
    with killed.as_command() as process:
        names = killed.wait_for_jobs()
        status, printed = command("jobs", "--use-case", USE_CASE)
        assert status == 0
        assert all(re.search(rf"{name}.+alive", printed) for name in names), printed
        assert names[0] not in command("jobs", "--orphans")[1]
        process.kill()
        process.wait()
    status, printed = command("jobs", "--orphans", "--stop")
    assert status == 0
    assert all(re.search(rf"{name}.+silent", printed) for name in names), printed
    until(lambda: killed.jobs, lambda left: not left)


def test_jobs_of_every_run_are_not_stopped_by_mistake(command: Command) -> None:
    with pytest.raises(SystemExit) as ended:
        command("jobs", "--stop")
    assert ended.value.code == 2


def test_ctrl_c_while_modules_are_imported_ends_in_a_line() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_IMPORT], cwd=PROJECT, capture_output=True, text=True, timeout=PATIENCE
    )
    assert (ended.returncode, ended.stderr) == (130, "vishwaops: interrupted\n")
