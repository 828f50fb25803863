"""Waits for the end of a job, also while AWS gives no answer: a job runs without the network of this machine."""

from datetime import UTC, datetime, timedelta
from typing import Any

from config.errors import JobFailed
from config.profile import active_profile
from tasks import cancellation
from tasks.connection import may_recover
from tasks.progress import log
from tasks.sagemaker.job_kinds import RUNNING, JobKind


def wait_for_end(kind: JobKind, name: str) -> dict[str, Any]:
    """Wait for a job and return its last description. Raises JobFailed when it runs for too long, or is gone.

    A poll without an answer is repeated until then. The SDK's `wait` polls in whole seconds, overwrites the progress of
    other jobs, and ends at the first lost answer.
    """
    profile = active_profile()
    deadline = datetime.now(UTC) + timedelta(seconds=2 * profile.jobs.max_runtime_in_seconds)
    polls = Polls(kind, name)
    while polls.is_running():
        if datetime.now(UTC) > deadline:
            raise JobFailed(f"{kind.title} {name}: expected an end by {deadline:%H:%M:%S} UTC, found {polls.found}")
        cancellation.wait(profile.poll_seconds)
    return polls.job


class Polls:
    """The polls of one job. `job` is its last description, `found` what the last poll found, for messages."""

    def __init__(self, kind: JobKind, name: str) -> None:
        self._kind, self._name = kind, name
        self._lost = False
        self.job: dict[str, Any] = {}
        self.found = ""

    def is_running(self) -> bool:
        """Whether the job has not ended; also true when AWS gives no answer for now.

        Raises JobFailed when SageMaker knows no such job, and every error that does not pass by itself.
        """
        try:
            job = self._kind.find(self._name)
        except Exception as error:
            if not may_recover(error):
                raise
            self._note_lost_answer(str(error).partition(". ")[0])
            return True
        if job is None:
            raise JobFailed(
                f"{self._kind.title} {self._name}: expected SageMaker to describe it, found no such job. Run again"
            )
        if self._lost:
            log.info("          %s %s: AWS answers again", self._kind.title, self._name)
        self.job, self.found, self._lost = job, self._kind.status(job), False
        return self.found in RUNNING

    def _note_lost_answer(self, why: str) -> None:
        if not self._lost:
            log.warning("          %s %s is not lost, asking again: %s", self._kind.title, self._name, why)
        self._lost, self.found = True, f"no answer: {why}"
