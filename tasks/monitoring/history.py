"""What earlier runs have found: the drift of each day, and the quality of each week.

One document, reports/history.json. A day is computed again until no capture file of it may arrive any more
(`monitoring.late_hours`); then it stays as it is, so a run reads only the hours of the latest days.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

from pydantic import BaseModel, ConfigDict

from config.use_case import UseCase
from tasks import locations, storage
from tasks.monitoring.comparison import Compared, Verdict, compare_hours
from tasks.references import LiveFigure, Span, TrafficCounts
from tasks.traffic.hours import Hour, hours

DAYS = 366
"""The days, and the days of weeks, that are kept and shown."""


class Day(BaseModel):
    """A day of live traffic, in UTC."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    day: date
    version: int | None
    verdict: Verdict
    counts: TrafficCounts
    psi: dict[str, float]
    """By feature, of significant changes; 0 for others."""
    drifted: tuple[str, ...] = ()


class History(BaseModel):
    """The days until now, oldest first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    final_before: date = date.min
    """The days before this one are not computed again."""
    days: tuple[Day, ...] = ()
    figures: tuple[LiveFigure, ...] = ()
    """Of whole weeks, measured and estimated."""


def read(use_case: UseCase) -> History:
    """Return the stored history; an empty one before the first run."""
    uri = address(use_case)
    try:
        return storage.parsed(uri, storage.get(uri), History)
    except FileNotFoundError:
        return History()


def address(use_case: UseCase) -> str:
    """The address of the document."""
    return f"{locations.monitoring_reports(use_case.name)}/history.json"


def save(use_case: UseCase, history: History) -> None:
    """Replace the stored history."""
    storage.put(address(use_case), history.model_dump_json().encode())


def with_days(use_case: UseCase, history: History, now: datetime) -> History:
    """Return the history with the days until now. Those that are not final are computed again.

    After a run whose clock was ahead, no day is final.
    """
    today = now.astimezone(UTC).date()
    final = history.final_before if history.final_before <= today else date.min
    first = max(final, today - timedelta(days=DAYS - 1))
    span = Span(since=_midnight(first), until=_midnight(today + timedelta(days=1)))
    found = [_day(use_case, day, list(each)) for day, each in groupby(hours(use_case, span), lambda hour: _date(hour))]
    kept = [each for each in history.days if today - timedelta(days=DAYS) < each.day < first]
    final = (now - timedelta(hours=use_case.monitoring.late_hours)).astimezone(UTC).date()
    return history.model_copy(update={"days": (*kept, *found), "final_before": max(first, final)})


def with_figures(history: History, figures: Iterable[LiveFigure], now: datetime) -> History:
    """Return the history with these figures of weeks. A later figure of the same week replaces an earlier one."""
    known = {(each.kind, each.key): each for each in (*history.figures, *figures)}
    kept = [each for each in known.values() if each.span.since > now - timedelta(days=DAYS)]
    return history.model_copy(update={"figures": tuple(sorted(kept, key=lambda each: each.span.since))})


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _date(hour: Hour) -> date:
    return hour.start.astimezone(UTC).date()


def _day(use_case: UseCase, day: date, hours: Sequence[Hour]) -> Day:
    return day_of(day, compare_hours(use_case, hours))


def day_of(day: date, found: Compared) -> Day:
    """Return what is kept of a day's comparison."""
    return Day(
        day=day,
        version=found.version,
        verdict=found.verdict,
        counts=found.counts,
        psi={each.feature: round(each.psi, 4) if each.significant else 0.0 for each in found.features},
        drifted=tuple(each.feature for each in found.features if each.verdict == "drift"),
    )
