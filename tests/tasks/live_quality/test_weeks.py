"""Weeks begin on Monday in UTC, also over the end of a year."""

from datetime import UTC, datetime, timedelta, timezone

from tasks.live_quality.weeks import WEEK, name_of, week_of, weeks_of
from tasks.references.monitoring import Span


def test_a_week_is_from_monday_to_monday_in_utc() -> None:
    late = datetime(2027, 1, 4, 1, tzinfo=timezone(timedelta(hours=5, minutes=30)))  # still Sunday in UTC
    assert week_of(late).since == datetime(2026, 12, 28, tzinfo=UTC)
    assert name_of(week_of(late)) == "2026-W53"


def test_a_span_has_the_weeks_of_each_of_its_parts() -> None:
    span = Span(since=datetime(2026, 3, 8, 23, tzinfo=UTC), until=datetime(2026, 3, 16, 1, tzinfo=UTC))
    assert [name_of(week) for week in weeks_of(span)] == ["2026-W10", "2026-W11", "2026-W12"]
    week = week_of(span.since)
    assert weeks_of(week) == (week,)
    assert week.until - week.since == WEEK
