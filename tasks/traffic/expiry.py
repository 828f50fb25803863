"""Deletes captured requests and scored rows that have expired. Profiles stay."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from config.use_case import UseCase
from tasks import locations, names, storage
from tasks.progress import log
from tasks.traffic import hours
from tasks.traffic.capture_files import hour_in
from tasks.traffic.hours import DOCUMENT, HOUR, Hour, HourKey

UNNAMED_AFTER = timedelta(days=1)
"""The age from which an object that no hour names is deleted: a killed run left it, or a later profile replaced it."""
ROWS = ("scored-", "events-")
"""How the names of the objects begin that expire."""


def expire(use_case: UseCase, now: datetime) -> int:
    """Delete the capture files and scored rows of hours that ended `monitoring.capture.days` ago, and return how many.

    Also deletes objects that no hour names. Nothing expires without `monitoring.capture`. Running again is safe.
    """
    capture = use_case.monitoring.capture
    if capture is None:
        return 0
    limit = now - timedelta(days=capture.days)
    deleted = [*_capture_files(use_case, limit), *_traffic(use_case, limit, now)]
    storage.delete(deleted)
    if deleted:
        log.info("monitor   %s expired object(s) deleted", f"{len(deleted):,}")
    return len(deleted)


def _capture_files(use_case: UseCase, limit: datetime) -> Iterator[str]:
    root = locations.capture(use_case.name)
    for item in storage.listed(root):
        start = hour_in(item.name)
        if start and start + HOUR <= limit:
            yield f"{root}/{item.name}"


def _traffic(use_case: UseCase, limit: datetime, now: datetime) -> Iterator[str]:
    """Yield the objects to delete, after the hours' documents no longer name them."""
    for key, items in _by_hour(use_case).items():
        if any(item.name.startswith(ROWS) for item in items):
            hour = _without_expired(use_case, key, limit)
            named = {uri.rpartition("/")[2] for uri in hour.objects} if hour else set[str]()
            for item in items:
                is_old = key.start + HOUR <= limit and item.name.startswith(ROWS)
                if item.name not in named and (is_old or item.written < now - UNNAMED_AFTER):
                    yield f"{key.folder(use_case.name)}/{item.name}"


def _by_hour(use_case: UseCase) -> dict[HourKey, list[storage.Item]]:
    """The objects of each hour, without its document."""
    found: dict[HourKey, list[storage.Item]] = defaultdict(list)
    for item in storage.listed(locations.traffic(use_case.name)):
        folder, _, name = item.name.rpartition("/")
        hosted, _, rest = folder.partition("/")
        variant, _, _ = rest.partition("/")
        start = hour_in(item.name)
        if start and name != DOCUMENT and names.version_of(use_case, hosted) is not None:
            found[HourKey(hosted, variant, start)].append(storage.Item(name, item.size, item.written))
    return found


def _without_expired(use_case: UseCase, key: HourKey, limit: datetime) -> Hour | None:
    """Take the expired rows out of an hour's document, and return the hour."""
    while True:
        hour, seen = hours.find(use_case.name, key)
        if hour is None or key.start + HOUR > limit or not (hour.scored or hour.events):
            return hour
        shorter = hour.model_copy(update={"scored": (), "events": ()})
        try:
            hours.replace(use_case.name, shorter, seen)
        except storage.Changed:
            continue
        return shorter
