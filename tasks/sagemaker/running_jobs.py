"""Runs a job once: an equal request, also from another process, finds the job that already exists.

A job's name has a prefix, a digest of the request and the number of the attempt. A completed job is reused, a running
one is awaited, and a failed or stopped one is followed by another attempt.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from config.errors import JobFailed
from tasks import cancellation, heartbeats, names
from tasks.connection import is_transient
from tasks.progress import log
from tasks.quotas import when_free
from tasks.sagemaker.job_kinds import RUNNING, JobKind, add_tags, tags_of
from tasks.sagemaker.job_logs import last_lines
from tasks.sagemaker.polls import UNLIMITED, Limits, wait_for_end
from tasks.sagemaker.resource_errors import exists_already
from tasks.sagemaker.tags import RUN


@dataclass(frozen=True)
class Request:
    """A job to run: its name, how to create it, and whether its output still exists."""

    kind: JobKind
    prefix: str
    decides: Mapping[str, Any]
    """Everything that the job's result depends on, as a JSON value."""
    tags: Mapping[str, str]
    create: Callable[[str], Any]
    """Creates a job with the given name."""
    is_intact: Callable[[dict[str, Any]], bool]
    """Whether a completed job's output is still in S3."""
    name: Callable[[str, Any, int], str] = names.job
    """Makes a job's name of `prefix`, `decides` and the number of the attempt."""
    is_done: Callable[[dict[str, Any]], bool] = lambda job: False
    """Whether a job that was stopped has a result all the same: a search whose budget has ended."""
    limits: Limits = UNLIMITED


@dataclass(frozen=True)
class Ended:
    """A completed job's name and last description. `reused` is true when it had completed earlier."""

    name: str
    job: dict[str, Any]
    reused: bool


def run_to_end(request: Request, fresh: bool = False) -> Ended:
    """Find or create the job of a request, and wait for its end. With `fresh`, always create one.

    A new job waits while a quota is used up. Every error that ends the wait stops the job, except a transient one.
    Raises JobFailed with the end of the job's log unless the job ends `Completed`, QuotaExceeded when no quota gets
    free in time, and Cancelled when the run is cancelled.
    """
    attempt = 1
    while True:
        name = request.name(request.prefix, request.decides, attempt)
        cancellation.current().check()
        found = request.kind.find(name)
        if found is None:
            if (job := _create_and_wait(request, name)) is not None:
                return Ended(name, _completed(request, job), reused=False)
        elif (not fresh or _is_of_this_run(request, found)) and (ended := _use(request, name, found)):
            return ended
        else:
            attempt += 1


def _create_and_wait(request: Request, name: str) -> dict[str, Any] | None:
    """Create a job and wait for its end. Returns None when another process has created it meanwhile."""
    with _stopped_if_left(request.kind, name):
        try:
            when_free(f"{request.kind.title} {name}", lambda: request.create(name))
        except ClientError as error:
            if exists_already(error):
                return None
            raise
        _tell(request, name, "starts")
        return wait_for_end(request.kind, name, request.limits)


def _use(request: Request, name: str, found: dict[str, Any]) -> Ended | None:
    """Await or reuse an existing job. Returns None when its result is unusable and another attempt is needed."""
    kind, before = request.kind, request.kind.status(found)
    if before in RUNNING:
        _tell(request, name, f"is {before} already: waiting for its end")
        await_job = _wait_for_own if _adopt(request, found) else wait_for_end
        found = await_job(kind, name, request.limits)
    if before == "InProgress" and kind.status(found) == "Failed":
        _completed(request, found)
    if not (_has_result(request, found) and request.is_intact(found)):
        return None
    if reused := before not in RUNNING:
        _tell(request, name, "is reused: it has completed already")
    return Ended(name, found, reused=reused)


def _is_of_this_run(request: Request, job: dict[str, Any]) -> bool:
    own = request.tags.get(RUN)
    return own is not None and tags_of(request.kind.arn(job)).get(RUN) == own


def _adopt(request: Request, job: dict[str, Any]) -> bool:
    """Take over a running job, unless the run that created it is alive: then that run may stop it."""
    arn = request.kind.arn(job)
    theirs, own = tags_of(arn).get(RUN), request.tags.get(RUN)
    if theirs is None or theirs == own:
        return True
    if heartbeats.life(heartbeats.find_heartbeat(request.tags["use-case"], theirs)) == "alive":
        return False
    if own is not None:
        add_tags(arn, {RUN: own})
    return True


def _wait_for_own(kind: JobKind, name: str, limits: Limits) -> dict[str, Any]:
    with _stopped_if_left(kind, name):
        return wait_for_end(kind, name, limits)


@contextmanager
def _stopped_if_left(kind: JobKind, name: str) -> Iterator[None]:
    """Stop the job if the run is cancelled, or if the body raises an error that is not transient."""
    stop = partial(cancellation.stop_quietly, f"{kind.title} {name}", partial(kind.stop, name))
    with cancellation.current().stopping(stop):
        try:
            yield
        except BaseException as error:
            if not is_transient(error):  # after a transient error the step is retried and finds the job
                stop()
            raise


def _has_result(request: Request, job: dict[str, Any]) -> bool:
    status = request.kind.status(job)
    return status == "Completed" or (status == "Stopped" and request.is_done(job))


def _completed(request: Request, job: dict[str, Any]) -> dict[str, Any]:
    kind = request.kind
    if not _has_result(request, job):
        status = kind.status(job)
        reason = str(job.get("FailureReason", "no reason given")).rstrip()
        end = last_lines(kind, kind.name(job))
        raise JobFailed(f"{kind.title} {kind.name(job)}: expected Completed, found {status}: {reason}\n{end}")
    return job


def _tell(request: Request, name: str, what: str) -> None:
    log.info("%-9s %s %s", request.tags.get("stage", request.kind.title), name, what)
