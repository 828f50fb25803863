"""The age of the newest row, by a date column."""

from datetime import UTC, datetime, timedelta

from config.thresholds import Freshness
from tasks.rows.checking import BatchCheck
from tasks.rows.row_database import CHECKED, RowDatabase
from tasks.rows.sql_rules import identifier


def check_freshness(database: RowDatabase, fresh: Freshness, now: datetime) -> BatchCheck:
    """Compare the newest value of the column with `now`, in UTC. No value at all is too old."""
    query = f"SELECT max(CAST({identifier(fresh.column)} AS TIMESTAMP)) FROM {CHECKED}"
    found = database.connection.execute(query).fetchone()
    newest: datetime | None = found[0] if found else None
    title = f"{fresh.column}: a newest value within {fresh.within_days:g} days of {fresh.against}"
    if newest is None:
        return BatchCheck(title, fresh.severity, False, "no value")
    age = now.astimezone(UTC).replace(tzinfo=None) - newest
    shown = newest.isoformat(sep=" ", timespec="minutes").removesuffix(" 00:00")
    days = age / timedelta(days=1)
    return BatchCheck(title, fresh.severity, days <= fresh.within_days, f"{shown}, {days:,.1f} days before")
