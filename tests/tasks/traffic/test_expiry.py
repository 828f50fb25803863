"""Captured requests and scored rows that expire, and profiles that stay."""

from datetime import UTC, datetime, timedelta

import pytest

from config.monitoring import Capture
from config.use_case import UseCase
from tasks import locations, storage
from tasks.traffic import hours
from tasks.traffic.collect import collect
from tasks.traffic.expiry import expire
from tasks.traffic.spans import merged_profile, scored_batches
from tests.tasks.capture.captured import HOUR, case, one, put

MONITORING = {**case().monitoring.model_dump(), "capture": {"percent": 100, "days": 2}}
CASE = case(name="expiring_one", monitoring=MONITORING)
HOSTED = "expiring-one-v3-abc123"
"""A use case of its own: objects that no hour names are deleted for it."""


def names(folder: str) -> list[str]:
    return [name.rpartition("/")[2].partition("-")[0] for name in storage.names(folder)]


@pytest.fixture(autouse=True)
def collected(bucket: str) -> None:
    """An hour that ends 1 hour before the limit, and one that ends at it."""
    for hour, count in ((8, 2), (9, 3)):
        put([one(number) for number in range(count)], "a", hour, HOSTED, use_case=CASE.name)
    collect(CASE, HOUR + timedelta(hours=1))


def test_rows_and_requests_expire_by_their_hour_and_profiles_stay() -> None:
    before = hours.hours(CASE)
    assert expire(CASE, HOUR + timedelta(days=2)) > 0
    older, newer = hours.hours(CASE)
    assert (older.scored, older.events, newer.scored) == ((), (), before[1].scored)
    assert (older.counts, older.profile) == (before[0].counts, before[0].profile)
    assert len(names(locations.capture(CASE.name))) == 1
    assert sum(map(len, scored_batches(CASE, [older, newer]))) == 3
    assert sum(map(len, scored_batches(CASE, before))) == 3  # of a reader that began before
    assert merged_profile(CASE, [older, newer]).rows == 5
    assert sorted(names(older.key.folder(CASE.name))) == ["hour.json", "profile", "whylogs"]
    assert expire(CASE, HOUR + timedelta(days=2)) == 0
    collect(CASE, HOUR + timedelta(days=2))
    assert [hour.counts.rows for hour in hours.hours(CASE)] == [2, 3]


def test_what_a_killed_run_left_is_deleted_a_day_later() -> None:
    [_, hour] = hours.hours(CASE)
    left = f"{hour.key.folder(CASE.name)}/scored-left.parquet"
    storage.put(left, b"")
    kept, now = lasting(3_650), datetime.now(UTC)  # S3 knows when an object was written
    assert [expire(kept, each) for each in (now, now + timedelta(days=2))] == [0, 1]
    assert not storage.exists(left)
    assert all(storage.exists(uri) for uri in hour.objects)


def lasting(days: int) -> UseCase:
    """The use case with another retention."""
    return CASE.model_copy(update={"monitoring": CASE.monitoring.model_copy(update={"capture": Capture(days=days)})})


def test_nothing_expires_without_data_capture() -> None:
    off = CASE.model_copy(update={"monitoring": CASE.monitoring.model_copy(update={"capture": None})})
    assert expire(off, HOUR + timedelta(days=900)) == 0
