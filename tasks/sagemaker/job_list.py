"""The jobs in progress that runs of this environment have started, with the life of their runs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from config.profile import active_profile
from config.use_case import UseCase
from tasks import cancellation, heartbeats
from tasks.heartbeats import Heartbeat, Life
from tasks.sagemaker.job_kinds import KINDS, JobKind, tags_of
from tasks.sagemaker.tags import ENVIRONMENT, RUN

ORPHANED = ("ended", "silent")
"""Lives of a run whose jobs nobody waits for."""


@dataclass(frozen=True)
class ListedJob:
    """A job in progress, its tags, and the last heartbeat of the run that it belongs to."""

    kind: JobKind
    name: str
    created: datetime
    tags: dict[str, str]
    heartbeat: Heartbeat | None

    @property
    def life(self) -> Life:
        """Whether the run lives; `unknown` where the job names none, or one that has written nothing."""
        return heartbeats.life(self.heartbeat)

    @property
    def is_orphan(self) -> bool:
        """Whether nobody waits for the job."""
        return self.life in ORPHANED

    def stop(self) -> None:
        """Stop the job. Raises JobFailed when SageMaker refuses to."""
        self.kind.stop(self.name)


def jobs_in_progress(use_case: UseCase | None = None) -> list[ListedJob]:
    """Every job of this environment's runs that is in progress, of all four kinds; or those of one use case."""
    return [job for kind in KINDS for job in _of_kind(kind, use_case)]


def stop_jobs_of_flow_run(use_case: UseCase, flow_run: str) -> list[str]:
    """Stop the jobs in progress of a Prefect flow run; returns their names."""
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
    """None of a job that is not ours: the flows' role may not read those."""
    try:
        return tags_of(arn)
    except ClientError as error:
        if error.response["Error"]["Code"] == "AccessDeniedException":
            return {}
        raise


def _is_ours(tags: dict[str, Any]) -> bool:
    return "use-case" in tags and tags.get(ENVIRONMENT) == active_profile().environment


def _heartbeat_of(tags: dict[str, str]) -> Heartbeat | None:
    return heartbeats.find_heartbeat(tags["use-case"], tags[RUN]) if RUN in tags else None
