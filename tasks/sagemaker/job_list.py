"""The jobs in progress that runs of this environment have started, with the state of their runs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.errors import AccessDenied
from config.profile import active_profile
from config.use_case import UseCase
from tasks import cancellation, heartbeats
from tasks.heartbeats import Heartbeat, Life
from tasks.sagemaker.job_kinds import KINDS, JobKind, tags_of
from tasks.sagemaker.tags import ENVIRONMENT, RUN

ORPHANED = ("ended", "silent")
"""The states of a run whose jobs are orphans."""


@dataclass(frozen=True)
class ListedJob:
    """A job in progress, its tags, and the last heartbeat of its run."""

    kind: JobKind
    name: str
    created: datetime
    tags: dict[str, str]
    heartbeat: Heartbeat | None

    @property
    def life(self) -> Life:
        """The state of the run; `unknown` for a job without a run, or a run without a heartbeat."""
        return heartbeats.life(self.heartbeat)

    @property
    def is_orphan(self) -> bool:
        """Whether no run waits for the job."""
        return self.life in ORPHANED

    def stop(self) -> None:
        """Stop the job. Raises JobFailed when SageMaker refuses the call."""
        self.kind.stop(self.name)


def jobs_in_progress(use_case: UseCase | None = None) -> list[ListedJob]:
    """Return every job in progress of this environment's runs, or of one use case, of all four kinds."""
    return [job for kind in KINDS for job in _of_kind(kind, use_case)]


def stop_jobs_of_flow_run(use_case: UseCase, flow_run: str) -> list[str]:
    """Stop the jobs in progress of a Prefect flow run. Returns their names."""
    jobs = [job for job in jobs_in_progress(use_case) if job.heartbeat and job.heartbeat.flow_run == flow_run]
    for job in jobs:
        cancellation.stop_quietly(f"{job.kind.title} {job.name}", job.stop)
    return [job.name for job in jobs]


def _of_kind(kind: JobKind, use_case: UseCase | None) -> Iterator[ListedJob]:
    for job in kind.in_progress(use_case.slug if use_case else ""):
        tags = _tags_that_may_be_read(kind.arn(job))
        if _is_ours(tags) and (use_case is None or use_case.name == tags["use-case"]):
            yield ListedJob(kind, kind.name(job), job["CreationTime"], tags, _heartbeat_of(tags))


def _tags_that_may_be_read(arn: str) -> dict[str, str]:
    """Return the tags of a job, or none without permission: the flows' role cannot read tags of other jobs."""
    try:
        return tags_of(arn)
    except AccessDenied:
        return {}


def _is_ours(tags: dict[str, Any]) -> bool:
    return "use-case" in tags and tags.get(ENVIRONMENT) == active_profile().environment


def _heartbeat_of(tags: dict[str, str]) -> Heartbeat | None:
    return heartbeats.find_heartbeat(tags["use-case"], tags[RUN]) if RUN in tags else None
