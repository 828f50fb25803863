"""A job is found by its request: reused, awaited, followed by another attempt; and stopped when its run ends."""

import ctypes
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from threading import Thread
from traceback import walk_stack
from typing import Any

import pytest

from config.errors import Cancelled, JobFailed, Unreachable
from tasks import cancellation, clients, storage
from tasks.heartbeats import beating
from tasks.sagemaker.job_kinds import tags_of
from tests.patience import PATIENCE, at_this_load, until
from tests.sagemaker_local.support import everything
from tests.small_jobs import ENDLESS, QUICK, USE_CASE, Code, names_in_progress, process, status_of, train


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as made:
        yield made


@pytest.mark.parametrize("run", [train, process])
def test_a_completed_job_is_reused_while_its_output_is_there(
    code: Code, prefix: str, run: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    source_dir = code(QUICK)
    first, again = run(source_dir, prefix), run(source_dir, prefix, tags={"use-case": USE_CASE, "other": "tag"})
    assert (first.reused, again.reused) == (False, True)
    assert (again.name, again.arn, again.seconds) == (first.name, first.arn, first.seconds)
    assert f"{first.name} is reused: it has completed already" in caplog.text

    fresh = run(source_dir, prefix, fresh=True)
    assert (fresh.name, fresh.reused) == (f"{first.name}-2", False)

    uri = first.model_uri if run is train else f"{first.output_uri}/result.txt"
    bucket, key = storage.address(uri)
    clients.s3().delete_object(Bucket=bucket, Key=key)
    assert run(source_dir, prefix).name == fresh.name


def test_a_job_that_lost_the_object_that_it_was_run_for_is_repeated_whatever_else_is_there(
    code: Code, prefix: str
) -> None:
    source_dir = code(QUICK)
    first = process(source_dir, prefix, leaves="result.txt")
    storage.put(f"{first.output_uri}/plots.json", b"{}")
    assert process(source_dir, prefix, leaves="result.txt").reused
    bucket, key = storage.address(f"{first.output_uri}/result.txt")
    clients.s3().delete_object(Bucket=bucket, Key=key)
    assert process(source_dir, prefix, leaves="result.txt").name == f"{first.name}-2"


def test_a_failed_job_is_followed_by_another_attempt(code: Code, prefix: str) -> None:
    source_dir = code("raise SystemExit(1)")
    with pytest.raises(JobFailed, match=r"expected Completed, found Failed") as first:
        train(source_dir, prefix)
    with pytest.raises(JobFailed, match=r"training job \S+-2: expected Completed, found Failed"):
        train(source_dir, prefix)
    assert "-2:" not in str(first.value)


def test_two_concurrent_runs_with_equal_requests_share_one_job(
    code: Code, prefix: str, pool: ThreadPoolExecutor, sagemaker: Any
) -> None:
    source_dir = code(f"import time\ntime.sleep(1)\n{QUICK}")
    jobs = [job.result() for job in [pool.submit(train, source_dir, prefix) for _ in range(4)]]
    assert len({job.name for job in jobs}) == 1
    assert len(everything(sagemaker, "list_training_jobs", NameContains=prefix)) == 1


def test_a_cancelled_run_stops_its_job_at_once(
    code: Code, prefix: str, pool: ThreadPoolExecutor, sagemaker: Any
) -> None:
    with cancellation.scope() as scope:
        waiting = pool.submit(copy_context().run, train, code(ENDLESS), prefix)
        name = until(lambda: names_in_progress(sagemaker, prefix))[0]
        begun = time.monotonic()
        scope.cancel(KeyboardInterrupt("SIGINT"))
        with pytest.raises(Cancelled, match="SIGINT"):
            waiting.result(PATIENCE)
        assert time.monotonic() - begun < at_this_load(10)
    assert until(lambda: status_of(sagemaker, name), lambda status: status != "Stopping") == "Stopped"


def test_a_cancelled_run_starts_no_more_jobs(code: Code, prefix: str, sagemaker: Any) -> None:
    with pytest.raises(KeyError), cancellation.scope() as scope:
        scope.cancel(KeyError("why"))
        train(code(QUICK), prefix)
    assert not names_in_progress(sagemaker, prefix)


@pytest.mark.parametrize(("error", "left"), [(TimeoutError, "Stopped"), (Unreachable, "InProgress")])
def test_what_ends_the_wait_stops_the_job_but_a_lost_connection_does_not(
    code: Code, prefix: str, sagemaker: Any, error: type[Exception], left: str
) -> None:
    name = left_by(error, code(ENDLESS), prefix, sagemaker)
    assert until(lambda: status_of(sagemaker, name), lambda status: status != "Stopping") == left
    if left == "InProgress":
        sagemaker.stop_training_job(TrainingJobName=name)


def test_a_job_of_a_run_that_was_killed_is_adopted_and_of_one_that_lives_is_only_awaited(
    code: Code, prefix: str, pool: ThreadPoolExecutor, sagemaker: Any, caplog: pytest.LogCaptureFixture
) -> None:
    source_dir = code(ENDLESS)
    with beating(USE_CASE, f"{prefix}-first"):
        name = left_by(Unreachable, source_dir, prefix, sagemaker)
        arn = sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobArn"]
        with pytest.raises(KeyboardInterrupt), beating(USE_CASE, f"{prefix}-second"), cancellation.scope():
            waiting = pool.submit(copy_context().run, train, source_dir, prefix)
            until(lambda: f"{name} is InProgress already" in caplog.text)
            raise KeyboardInterrupt
        with pytest.raises(Cancelled):
            waiting.result(PATIENCE)
        assert (status_of(sagemaker, name), tags_of(arn)["run"]) == ("InProgress", f"{prefix}-first")

    with pytest.raises(KeyboardInterrupt), beating(USE_CASE, f"{prefix}-third"), cancellation.scope():
        waiting = pool.submit(copy_context().run, train, source_dir, prefix)
        until(lambda: tags_of(arn)["run"] == f"{prefix}-third")
        raise KeyboardInterrupt
    with pytest.raises(Cancelled):
        waiting.result(PATIENCE)
    assert until(lambda: status_of(sagemaker, name), lambda status: status != "Stopping") == "Stopped"


def test_a_fresh_run_finds_its_own_job_again_and_no_other(
    code: Code, prefix: str, pool: ThreadPoolExecutor, sagemaker: Any
) -> None:
    source_dir = code(QUICK)
    train(source_dir, prefix)
    with beating(USE_CASE, f"{prefix}-run"):
        first, again = train(source_dir, prefix, fresh=True), train(source_dir, prefix, fresh=True)
    assert first.name.endswith("-2")
    assert (again.name, again.reused) == (first.name, True)


def test_a_job_that_another_run_stops_while_it_is_awaited_is_followed_by_another_attempt(
    code: Code, prefix: str, pool: ThreadPoolExecutor, sagemaker: Any, caplog: pytest.LogCaptureFixture
) -> None:
    source_dir = code("import time\ntime.sleep(2)")
    name = left_by(Unreachable, source_dir, prefix, sagemaker)
    waiting = pool.submit(train, source_dir, prefix)
    until(lambda: f"{name} is InProgress already" in caplog.text)
    sagemaker.stop_training_job(TrainingJobName=name)
    assert waiting.result(PATIENCE).name == f"{name}-2"


def left_by(error: type[Exception], source_dir: str, prefix: str, sagemaker: Any) -> str:
    """Start a job in a thread, raise an error in that thread while it waits, and return the job's name."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            train(source_dir, prefix)
        except error as raised:
            failures.append(raised)

    thread = Thread(target=copy_context().run, args=(run,))
    thread.start()
    name = until(lambda: names_in_progress(sagemaker, prefix))[0]
    until(lambda: is_waiting(thread))
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_long(thread.ident or 0), ctypes.py_object(error))
    thread.join(PATIENCE)
    assert len(failures) == 1
    return name


def is_waiting(thread: Thread) -> bool:
    """Whether the thread is in `cancellation.wait`: an error raised while it logs would be lost."""
    frame = sys._current_frames().get(thread.ident or 0)
    return any(found.f_code is cancellation.wait.__code__ for found, _ in walk_stack(frame)) if frame else False
