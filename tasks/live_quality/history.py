"""The stored quality of past weeks, and the truths that no stored week has joined. Nothing is computed."""
# ruff: noqa: S608  the names in queries are quoted

from concurrent.futures import ThreadPoolExecutor

from config.use_case import UseCase
from tasks import locations, storage
from tasks.ground_truth import batches
from tasks.ground_truth.database import LATEST, truth_database
from tasks.live_quality.measured import MeasuredPeriod
from tasks.live_quality.weeks import name_of, weeks_of
from tasks.references.monitoring import Span

READERS = 16
"""The objects that are read at the same time."""


def stored_weeks(use_case: UseCase, span: Span | None = None, version: int | None = None) -> list[MeasuredPeriod]:
    """Return the stored quality of the weeks of a span, by default of all, oldest first."""
    wanted = {name_of(week) for week in weeks_of(span)} if span else None
    folder = locations.live_quality(use_case.name)
    found = [
        f"{folder}/{name}"
        for name in storage.names(folder)
        if wanted is None or name.rpartition("/")[2].removesuffix(".json") in wanted
    ]
    with ThreadPoolExecutor(READERS) as pool:
        periods = list(pool.map(_read, found))
    chosen = (each for each in periods if version in (None, each.version))
    return sorted(chosen, key=lambda each: (each.span.since, each.version))


def _read(uri: str) -> MeasuredPeriod:
    return storage.parsed(uri, storage.get(uri), MeasuredPeriod)


def pending_truths(use_case: UseCase) -> int:
    """Return the number of truths that were given and that no stored week has joined.

    Their predictions were not collected yet, have expired, or are unknown.
    """
    known = batches.load(use_case.name)
    if not known.batches:
        return 0
    with truth_database(use_case.name, known) as truths:
        given = truths.number(f"SELECT count(*) FROM {LATEST}")
    return max(given - sum(each.joined_rows for each in stored_weeks(use_case)), 0)
