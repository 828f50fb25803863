"""ISO weeks (ISO 8601), in UTC: from Monday to Sunday."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from tasks.references.monitoring import Span

WEEK = timedelta(weeks=1)


def week_of(moment: datetime) -> Span:
    """Return the week of a moment."""
    day = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    since = day - timedelta(days=day.weekday())
    return Span(since=since, until=since + WEEK)


def weeks_of(span: Span) -> tuple[Span, ...]:
    """Return the weeks that have a part of a span, oldest first."""
    return tuple(_weeks_of(span))


def _weeks_of(span: Span) -> Iterator[Span]:
    week = week_of(span.since)
    while week.since < span.until:
        yield week
        week = Span(since=week.until, until=week.until + WEEK)


def name_of(week: Span) -> str:
    """Return the name of a week, such as `2026-W48`. Names sort by time."""
    year, number, _ = week.since.astimezone(UTC).isocalendar()
    return f"{year}-W{number:02}"
