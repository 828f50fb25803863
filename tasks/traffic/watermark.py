"""From which hour a run looks for new capture files. Only an optimisation: the hours' documents say what was read."""

import json
from datetime import UTC, datetime, timedelta

from config.use_case import UseCase
from tasks import locations, storage
from tasks.progress import log
from tasks.traffic.hours import hour_of

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


def first_hour(use_case: UseCase, now: datetime) -> datetime:
    """Return the first hour whose files are looked for. An older file has expired, or is later than `late_hours`.

    A clock that was ahead has stored a time to come: it does not hide the files of the hours before.
    """
    capture = use_case.monitoring.capture
    kept = hour_of(now - timedelta(days=capture.days)) if capture else EARLIEST
    return max(kept, min(_stored(use_case.name), _next(use_case, now)))


def move(use_case: UseCase, now: datetime) -> None:
    """Note that a run has read all files up to now: the next one begins `late_hours` before."""
    storage.put_json(_uri(use_case.name), {"first_hour": _next(use_case, now).isoformat()})


def _next(use_case: UseCase, now: datetime) -> datetime:
    return hour_of(now - timedelta(hours=use_case.monitoring.late_hours))


def _uri(use_case: str) -> str:
    return f"{locations.traffic(use_case)}/watermark.json"


def _stored(use_case: str) -> datetime:
    try:
        content = storage.get(_uri(use_case))
    except FileNotFoundError:
        return EARLIEST
    try:
        return datetime.fromisoformat(json.loads(content)["first_hour"]).astimezone(UTC)
    except (ValueError, KeyError, TypeError):
        log.warning("monitor   %s can't be read; all hours are looked through", _uri(use_case))
        return EARLIEST
