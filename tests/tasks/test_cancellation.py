"""Cancellation of one run and not another, with the reported cause."""

import threading
import time
from contextvars import copy_context

import pytest

from config.errors import Cancelled, JobFailed
from tasks import cancellation
from tests.patience import PATIENCE


def test_a_wait_ends_when_its_run_is_cancelled_and_other_runs_continue() -> None:
    ended: list[str] = []

    def wait(name: str) -> None:
        with pytest.raises(Cancelled, match="out of memory"):
            cancellation.wait(PATIENCE)
        ended.append(name)

    with cancellation.scope() as first:
        waiting = threading.Thread(target=copy_context().run, args=(wait, "first"))
    with cancellation.scope() as second:
        other = threading.Thread(target=copy_context().run, args=(wait, "second"))
    waiting.start()
    other.start()
    first.cancel(JobFailed("out of memory"))
    waiting.join(PATIENCE)
    assert (ended, other.is_alive()) == (["first"], True)
    second.cancel(JobFailed("out of memory"))
    other.join(PATIENCE)


def test_a_wait_lasts_the_given_time_without_a_cancellation() -> None:
    begun = time.monotonic()
    cancellation.wait(0.05)
    assert time.monotonic() - begun >= 0.05


def test_every_exception_stops_the_jobs_in_progress_but_not_those_that_have_ended() -> None:
    stopped: list[str] = []
    with pytest.raises(KeyboardInterrupt), cancellation.scope() as scope:
        with scope.stopping(lambda: stopped.append("over before")):
            pass
        with scope.stopping(lambda: stopped.append("training")), scope.stopping(lambda: stopped.append("transform")):
            scope.cancel(TimeoutError())
            raise KeyboardInterrupt
    assert stopped == ["training", "transform"]


def test_the_failure_of_one_part_is_raised_and_not_the_cancellation_of_the_others() -> None:
    with pytest.raises(JobFailed, match="the second failed"), cancellation.scope() as scope:
        scope.cancel(JobFailed("the second failed"))
        cancellation.wait(1)


def test_a_failed_stop_is_logged_with_what_may_still_run(caplog: pytest.LogCaptureFixture) -> None:
    def stop() -> None:
        raise JobFailed("no answer")

    cancellation.stop_quietly("training job a-1", stop)
    assert "training job a-1 could not be stopped: no answer. See vishwaops jobs" in caplog.text
