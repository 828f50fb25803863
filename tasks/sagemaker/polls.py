"""Waits for the end of a job, also while AWS gives no answer: a job runs without the network of this machine."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from config.errors import JobFailed
from config.profile import active_profile
from tasks import cancellation
from tasks.lost_answers import LostAnswers
from tasks.sagemaker.job_kinds import RUNNING, JobKind


@dataclass(frozen=True)
class Limits:
    """How long a job may take, in seconds from its creation."""

    longest: float | None = None
    """It has failed then. None: twice the profile's `max_runtime_in_seconds`."""
    stop_after: float | None = None
    """It is stopped then, and may have a result. None: never."""
    on_stop: Callable[[dict[str, Any]], None] = lambda job: None
    """Called with its description before it is stopped."""


UNLIMITED = Limits()


def wait_for_end(kind: JobKind, name: str, limits: Limits = UNLIMITED) -> dict[str, Any]:
    """Wait for a job and return its last description. Raises JobFailed when it runs for too long, or is gone.

    A poll without an answer is repeated until then. The SDK's `wait` polls in whole seconds, overwrites the progress of
    other jobs, and ends at the first lost answer.
    """
    profile, status = active_profile(), ""
    deadline = datetime.now(UTC) + timedelta(seconds=limits.longest or 2 * profile.jobs.max_runtime_in_seconds)
    lost = LostAnswers(f"{kind.title} {name}")
    while True:
        with lost.tolerated():
            job = _described(kind, name)
            if (status := kind.status(job)) not in RUNNING:
                return job
            if status == "InProgress" and _is_over(job, limits):
                limits.on_stop(job)
                kind.stop(name)
        if datetime.now(UTC) > deadline:
            found = f"no answer: {lost.why}" if lost.why else status
            raise JobFailed(
                f"{kind.title} {name}: expected an end by {deadline:%H:%M:%S} UTC, found {found}. It is stopped now. "
                "If it only waited for an instance, run again, or choose another instance_type in config/profiles/"
            )
        cancellation.wait(profile.poll_seconds)


def _is_over(job: dict[str, Any], limits: Limits) -> bool:
    if limits.stop_after is None:
        return False
    return bool(datetime.now(UTC) - job["CreationTime"] >= timedelta(seconds=limits.stop_after))


def _described(kind: JobKind, name: str) -> dict[str, Any]:
    if (job := kind.find(name)) is None:
        raise JobFailed(f"{kind.title} {name}: expected SageMaker to describe it, found no such job. Run again")
    return job
