"""Reads a job's CloudWatch log: a line, or its end. SageMaker's FailureReason says only that the command failed."""

import re
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from config.errors import VishwaOpsError
from config.profile import active_profile
from tasks import cancellation, clients
from tasks.sagemaker.job_kinds import TRANSFORM, TUNING, JobKind

LINES = 20
LONGEST_LINE = 300
"""The number of characters of a line that is shown."""
MOST_PAGES = 5
"""GetLogEvents may return an empty page before the last events (CloudWatch Logs API reference)."""
ATTEMPTS = 2
"""How often a log without events is read: they may arrive some seconds after the job's end."""
NO_CONTAINER = "/data-log"
"""The end of the name of a transform job's stream that no container writes."""


def last_lines(kind: JobKind, name: str) -> str:
    """Return the last lines of a job's log, under a heading; without permission or a log, where it is. Never raises."""
    where = f"CloudWatch Logs, group {kind.log_group}, streams {name}/"
    try:
        stream, lines = _read(kind, name)
    except (ClientError, VishwaOpsError) as error:
        return f"Its log can't be read ({error}). It is in {where}"
    if not lines:
        return f"Its log has no lines yet. It is in {where}"
    shown = [f"The end of its log ({kind.log_group}, {stream}):", *_shown(lines)]
    if kind is TRANSFORM and (refusals := _refusals(kind, name)):
        shown += ["What batch transform reports of its objects:", *_shown(refusals)]
    return "\n".join(shown)


def find_line(kind: JobKind, name: str, pattern: re.Pattern[str]) -> str | None:
    """Return the first line of a job's log that a pattern matches from its beginning.

    Returns None when the log has none, has expired, or can't be read.
    """
    try:
        stream = _newest_stream(kind.log_group, f"{name}/")
        return next(filter(pattern.match, _first_events(kind.log_group, stream)), None) if stream else None
    except (ClientError, VishwaOpsError):
        return None


def _first_events(group: str, stream: str) -> Iterator[str]:
    """Yield the lines of a stream from its beginning, at most MOST_PAGES pages of 1 MB."""
    token: dict[str, Any] = {}
    for _ in range(MOST_PAGES):
        page = clients.logs().get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True, **token)
        yield from (line for event in page["events"] for line in event["message"].splitlines())
        if token == {"nextToken": page["nextForwardToken"]}:
            return
        token = {"nextToken": page["nextForwardToken"]}


def _shown(lines: list[str]) -> list[str]:
    return [f"  {line[:LONGEST_LINE]}" for line in lines[-LINES:]]


def _refusals(kind: JobKind, name: str) -> list[str]:
    """The last lines of the stream that batch transform writes itself: which objects a container refused, and why."""
    try:
        stream = _newest_stream(kind.log_group, f"{name}/", of_container=False)
        return _last_events(kind.log_group, stream) if stream else []
    except (ClientError, VishwaOpsError):
        return []  # the container's log is there


def _read(kind: JobKind, name: str) -> tuple[str, list[str]]:
    """Return the stream that was written last, and its last lines."""
    prefix = _failed_trial(name) if kind is TUNING else f"{name}/"
    for attempt in range(ATTEMPTS):
        if attempt:
            cancellation.wait(active_profile().poll_seconds)
        if (stream := _newest_stream(kind.log_group, prefix)) and (lines := _last_events(kind.log_group, stream)):
            return stream, lines
    return "", []


def _failed_trial(tuning_job: str) -> str:
    """The prefix of the streams of a tuning job's last failed training job; of all of its jobs if none has failed."""
    pages = clients.sagemaker().get_paginator("list_training_jobs_for_hyper_parameter_tuning_job")
    failed = pages.paginate(
        HyperParameterTuningJobName=tuning_job,
        StatusEquals="Failed",
        SortBy="CreationTime",
        SortOrder="Descending",
        PaginationConfig={"PageSize": 100},
    )
    names = (job["TrainingJobName"] for page in failed for job in page["TrainingJobSummaries"])
    return next((f"{name}/" for name in names), f"{tuning_job}-")


def _newest_stream(group: str, prefix: str, *, of_container: bool = True) -> str | None:
    """The stream with the newest event: of several instances, often the one that failed. None without a stream."""
    pages = clients.logs().get_paginator("describe_log_streams")
    found = pages.paginate(logGroupName=group, logStreamNamePrefix=prefix)
    try:
        streams: list[Any] = [stream for page in found for stream in page["logStreams"]]
    except clients.logs().exceptions.ResourceNotFoundException:  # the group: no job has written to it
        return None
    written = [stream for stream in streams if stream["logStreamName"].endswith(NO_CONTAINER) != of_container]
    newest = max(written, key=lambda stream: stream.get("lastEventTimestamp", 0), default=None)
    return newest and str(newest["logStreamName"])


def _last_events(group: str, stream: str) -> list[str]:
    """The last lines of a stream. A page may be empty before the last events are reached."""
    token: dict[str, Any] = {}
    for _ in range(MOST_PAGES):
        page = clients.logs().get_log_events(
            logGroupName=group, logStreamName=stream, startFromHead=False, limit=LINES, **token
        )
        if page["events"] or token == {"nextToken": page["nextBackwardToken"]}:
            return [line for event in page["events"] for line in event["message"].splitlines()]
        token = {"nextToken": page["nextBackwardToken"]}
    return []
