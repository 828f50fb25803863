"""Waits for the end of a job, also while AWS gives no answer: a job runs without the network of this machine."""

from datetime import UTC, datetime, timedelta
from typing import Any

from config.errors import JobFailed
from config.profile import active_profile
from tasks import cancellation
from tasks.lost_answers import LostAnswers
from tasks.sagemaker.job_kinds import RUNNING, JobKind


def wait_for_end(kind: JobKind, name: str) -> dict[str, Any]:
    """Wait for a job and return its last description. Raises JobFailed when it runs for too long, or is gone.

    A poll without an answer is repeated until then. The SDK's `wait` polls in whole seconds, overwrites the progress of
    other jobs, and ends at the first lost answer.
    """
    profile, status = active_profile(), ""
    deadline = datetime.now(UTC) + timedelta(seconds=2 * profile.jobs.max_runtime_in_seconds)
    lost = LostAnswers(f"{kind.title} {name}")
    while True:
        with lost.tolerated():
            job = _described(kind, name)
            if (status := kind.status(job)) not in RUNNING:
                return job
        if datetime.now(UTC) > deadline:
            found = f"no answer: {lost.why}" if lost.why else status
            raise JobFailed(
                f"{kind.title} {name}: expected an end by {deadline:%H:%M:%S} UTC, found {found}. It is stopped now. "
                "If it only waited for an instance, run again, or choose another instance_type in config/profiles/"
            )
        cancellation.wait(profile.poll_seconds)


def _described(kind: JobKind, name: str) -> dict[str, Any]:
    if (job := kind.find(name)) is None:
        raise JobFailed(f"{kind.title} {name}: expected SageMaker to describe it, found no such job. Run again")
    return job
