"""Runs a job to its end once: the same request finds the job that it made before, whatever process that was.

A name is a prefix, a digest of the request and the number of the attempt. Its job is reused if it completed, awaited if
it runs, and followed by another attempt if it failed or was stopped.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from config.errors import JobFailed
from config.profile import active_profile
from tasks import cancellation, heartbeats, names
from tasks.connection import is_transient
from tasks.progress import log
from tasks.sagemaker.job_kinds import RUNNING, JobKind, add_tags, tags_of
from tasks.sagemaker.tags import RUN


@dataclass(frozen=True)
class Request:
    """A job to be run: how to name it, how to create it, and whether what it has left is still there."""

    kind: JobKind
    prefix: str
    decides: Mapping[str, Any]
    """All that decides the job's result, as a JSON value."""
    tags: Mapping[str, str]
    create: Callable[[str], Any]
    """Creates the job of this name."""
    is_intact: Callable[[dict[str, Any]], bool]
    """Whether a completed job's output is still in S3."""


@dataclass(frozen=True)
class Ended:
    """A completed job's name and last description; `reused` if it had completed before."""

    name: str
    job: dict[str, Any]
    reused: bool


def run_to_end(request: Request, fresh: bool = False) -> Ended:
    """Find or create the job of a request, and wait for its end; with `fresh` always create one.

    Whatever ends the wait stops the job, but for a fault that may pass. Raises JobFailed unless it ends `Completed`,
    and Cancelled when the run is cancelled.
    """
    attempt = 1
    while True:
        name = names.job(request.prefix, request.decides, attempt)
        cancellation.current().check()
        found = request.kind.find(name)
        if found is None:
            if (job := _create_and_wait(request, name)) is not None:
                return Ended(name, _completed(request.kind, job), reused=False)
        elif (not fresh or _is_of_this_run(request, found)) and (ended := _use(request, name, found)):
            return ended
        else:
            attempt += 1


def _create_and_wait(request: Request, name: str) -> dict[str, Any] | None:
    """Create a job and wait for its end. Returns None where another process has created it meanwhile."""
    with _stopped_if_left(request.kind, name):
        try:
            request.create(name)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceInUse":
                return None
            raise
        _tell(request, name, "starts")
        return _wait(request.kind, name)


def _use(request: Request, name: str, found: dict[str, Any]) -> Ended | None:
    """Await or reuse the job that was found; None where its result can't be used and another attempt is due."""
    kind, before = request.kind, request.kind.status(found)
    if before in RUNNING:
        _tell(request, name, f"is awaited: it is {before} already")
        found = _wait_for_own(kind, name) if _adopt(request, found) else _wait(kind, name)
    status = kind.status(found)
    if before == "InProgress" and status == "Failed":
        _completed(kind, found)
    if status != "Completed" or not request.is_intact(found):
        return None
    if before == "Completed":
        _tell(request, name, "is reused: it completed before")
    return Ended(name, found, reused=before == "Completed")


def _is_of_this_run(request: Request, job: dict[str, Any]) -> bool:
    own = request.tags.get(RUN)
    return own is not None and tags_of(request.kind.arn(job)).get(RUN) == own


def _adopt(request: Request, job: dict[str, Any]) -> bool:
    """Make a running job this run's own, unless the run that created it lives: that run decides when it is stopped."""
    arn = request.kind.arn(job)
    theirs, own = tags_of(arn).get(RUN), request.tags.get(RUN)
    if theirs is None or theirs == own:
        return True
    if heartbeats.life(heartbeats.find_heartbeat(request.tags["use-case"], theirs)) == "alive":
        return False
    if own is not None:
        add_tags(arn, {RUN: own})
    return True


def _wait_for_own(kind: JobKind, name: str) -> dict[str, Any]:
    with _stopped_if_left(kind, name):
        return _wait(kind, name)


@contextmanager
def _stopped_if_left(kind: JobKind, name: str) -> Iterator[None]:
    """Stop the job if the run is cancelled, or anything but a fault that may pass leaves the body."""
    stop = partial(cancellation.stop_quietly, f"{kind.title} {name}", partial(kind.stop, name))
    with cancellation.current().stopping(stop):
        try:
            yield
        except BaseException as error:
            if not is_transient(error):  # else the step is tried again and finds the job
                stop()
            raise


def _wait(kind: JobKind, name: str) -> dict[str, Any]:
    """Wait for a job and return its last description. Raises JobFailed when it runs for too long.

    The SDK's own `wait` polls in whole seconds and draws over other jobs' progress; its `refresh` uses a client of its
    own, without the profile's retries and without `tasks.connection`.
    """
    profile = active_profile()
    deadline = datetime.now(UTC) + timedelta(seconds=2 * profile.jobs.max_runtime_in_seconds)
    while (job := kind.find(name)) is not None and kind.status(job) in RUNNING:
        if datetime.now(UTC) > deadline:
            raise JobFailed(
                f"{kind.title} {name}: expected an end by {deadline:%H:%M:%S} UTC, found {kind.status(job)}"
            )
        cancellation.wait(profile.poll_seconds)
    if job is None:
        raise JobFailed(f"{kind.title} {name}: expected SageMaker to describe it, found no such job. Run again")
    return job


def _completed(kind: JobKind, job: dict[str, Any]) -> dict[str, Any]:
    if (status := kind.status(job)) != "Completed":
        reason = job.get("FailureReason", "no reason given")
        raise JobFailed(f"{kind.title} {kind.name(job)}: expected Completed, found {status}: {reason}")
    return job


def _tell(request: Request, name: str, what: str) -> None:
    log.info("%-9s %s %s", request.tags.get("stage", request.kind.title), name, what)
