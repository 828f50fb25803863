"""A call waits while a quota is used up, says so once a minute, and ends in time."""

import logging
from collections.abc import Callable

import pytest

from config.errors import Cancelled, QuotaExceeded
from config.profile import active_profile
from tasks import cancellation, quotas

BUSY = QuotaExceeded("found 1 of 1 in use", may_pass=True)


def failing(*errors: Exception) -> Callable[[], str]:
    """A call that raises these errors in turn, and then returns."""
    left = list(errors)

    def call() -> str:
        if left:
            raise left.pop(0)
        return "created"

    return call


class FakeClock:
    """Advances by `step` seconds at each reading."""

    def __init__(self, step: float = 30) -> None:
        self.seconds, self.step = 0.0, step

    def __call__(self) -> float:
        self.seconds += self.step
        return self.seconds


def test_it_is_called_again_until_the_quota_is_free_and_reports_once_a_minute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    assert quotas.when_free("training job one", failing(*[BUSY] * 5), FakeClock()) == "created"
    assert [record.getMessage().strip() for record in caplog.records] == [
        "training job one waits: found 1 of 1 in use"
    ] * 3  # after 30, 90 and 150 s


def test_a_quota_that_is_too_small_is_reported_at_once() -> None:
    small = QuotaExceeded("found 0 of 0 in use")
    with pytest.raises(QuotaExceeded, match=r"^found 0 of 0"):
        quotas.when_free("training job one", failing(small), FakeClock())


def test_it_waits_no_longer_than_a_job_may_run() -> None:
    most = active_profile().jobs.max_runtime_in_seconds
    with pytest.raises(QuotaExceeded, match=rf"training job one: waited {most / 30:.0f} minutes. found 1 of 1"):
        quotas.when_free("training job one", failing(*[BUSY] * 1000), FakeClock(most))


def test_a_cancelled_run_waits_no_longer() -> None:
    with pytest.raises(Cancelled), cancellation.scope() as scope:
        scope.cancel(Cancelled("why"))
        quotas.when_free("training job one", failing(BUSY))
