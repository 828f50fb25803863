"""Waits for a quota of the AWS account to be free."""

import time
from collections.abc import Callable
from typing import TypeVar

from config.errors import QuotaExceeded
from config.profile import active_profile
from tasks import cancellation
from tasks.progress import log

REPORT_EVERY = 60
"""Seconds between two messages of one wait."""

T = TypeVar("T")


def when_free(what: str, create: Callable[[], T], now: Callable[[], float] = time.monotonic) -> T:
    """Call `create`, and call it again while a quota is used up by other jobs. Returns its result.

    `what` names the resource in the log, once a minute. Raises QuotaExceeded at once when the quota is too small for
    the call alone, else after the time that a job may run; and Cancelled when the run is cancelled.
    """
    begun, report_at = now(), 0.0
    limit = active_profile().jobs.max_runtime_in_seconds
    while True:
        try:
            return create()
        except QuotaExceeded as error:
            if not error.may_pass:
                raise
            if (waited := now() - begun) > limit:
                raise QuotaExceeded(f"{what}: waited {waited / 60:.0f} minutes. {error}", may_pass=True) from error
            if waited >= report_at:
                log.info("          %s waits: %s", what, error)
                report_at = waited + REPORT_EVERY
        cancellation.wait(active_profile().poll_seconds)
