"""Capture files collected into hours of traffic, in the offline cloud's S3."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from config.errors import VishwaOpsError
from config.use_case import UseCase
from tasks import locations, storage
from tasks.platform import platform
from tasks.references.monitoring import Span, TrafficCounts
from tasks.traffic import hours, watermark
from tasks.traffic.collect import collect
from tasks.traffic.hours import Hour
from tasks.traffic.spans import merged_profile, scored_batches
from tests.tasks.capture.captured import FEATURES, HOSTED, HOUR, body_of, case, line, one, put, put_file, row

NOW = HOUR + timedelta(minutes=70)
OTHER = "small-one-v4-def456"


@pytest.fixture(autouse=True)
def no_traffic(bucket: str) -> None:
    """Each test begins without captured requests."""
    for folder in (locations.capture("small_one"), locations.traffic("small_one")):
        if found := [f"{folder}/{name}" for name in storage.names(folder)]:
            storage.delete(found)


def run(now: datetime = NOW, use_case: UseCase | None = None, processes: int | None = None) -> TrafficCounts:
    return collect(use_case or case(), now, processes)


def rows(use_case: UseCase | None = None) -> list[dict[str, Any]]:
    """All stored scored rows."""
    use_case = use_case or case()
    found = [each for batch in scored_batches(use_case, hours.hours(use_case)) for each in batch.to_pylist()]
    return sorted(found, key=lambda each: (each["time"], each["age"], each["event_id"]))


def content() -> dict[str, bytes]:
    """Every object of the traffic, without the watermark."""
    root = locations.traffic("small_one")
    return {name: storage.get(f"{root}/{name}") for name in storage.names(root) if name != "watermark.json"}


def test_new_files_become_an_hour_with_its_rows_and_profile_and_running_again_changes_nothing() -> None:
    put([one(number, inference_id=f"i{number}") for number in range(6)], "a")
    put([line(body_of([row(7), row(8)], "application/json"))], "b")
    counts = run()
    assert (counts.files, counts.requests, counts.rows) == (2, 7, 8)
    [hour] = hours.hours(case())
    assert (hour.hosted, hour.version, hour.variant, hour.start) == (HOSTED, 3, platform().variant, HOUR)
    assert hour.counts == counts
    found = rows()
    assert [{name: each[name] for name in FEATURES} for each in found] == [row(n) for n in (*range(6), 7, 8)]
    profile = merged_profile(case(), [hour])
    assert profile.rows == 8
    assert profile.columns.keys() == {"age", "hours", "colour", "prediction", "probability_no", "probability_yes"}
    assert profile.columns["age"].count == 8
    before = content()
    assert run(NOW + timedelta(hours=1)) == TrafficCounts()
    assert content() == before


def test_files_that_come_later_are_added_and_those_after_the_end_of_their_hour_are_late() -> None:
    put([one(0), one(1)], "a")
    run(HOUR + timedelta(minutes=30))
    put([one(2)], "b")
    assert run(NOW).late_files == 0
    put([one(3)], "c")
    counts = run(NOW + timedelta(minutes=10))
    assert (counts.files, counts.rows, counts.late_files) == (1, 1, 1)
    [hour] = hours.hours(case())
    assert (hour.counts.rows, hour.counts.late_files, merged_profile(case(), [hour]).rows) == (4, 1, 4)
    assert [each["age"] for each in rows()] == [10, 11, 12, 13]
    put([one(4)], "d")
    assert run(NOW + timedelta(hours=60)).rows == 1  # the first run since it came
    put([one(5)], "e")
    assert run(NOW + timedelta(hours=61)) == TrafficCounts()  # later than late_hours


def test_events_that_come_twice_are_counted_once() -> None:
    lines = [one(number) for number in range(4)]
    put([*lines, lines[0]], "a")
    put(lines[2:], "b")
    assert run().duplicates == 3
    put(lines, "c")
    assert run().duplicates == 4
    [hour] = hours.hours(case())
    assert (hour.counts.rows, hour.counts.duplicates, merged_profile(case(), [hour]).rows) == (4, 7, 4)
    assert len(rows()) == 4


def test_what_cannot_be_read_is_counted_with_file_and_line_and_no_value() -> None:
    put([one(0), "{", one(1)[:300]], "a")
    put([one(2), one(3)], "b")
    counts = run()
    assert (counts.corrupt, counts.rows) == (2, 3)
    [hour] = hours.hours(case())
    expected = "expected JSON, found something else, or a line that is cut"
    assert hour.reasons == tuple(f"{hour.files[0]}, line {n}: {expected}" for n in (2, 3))
    assert hour.files[0].endswith("2026/11/27/09/a.jsonl")


def test_held_out_rows_of_a_deployment_are_no_traffic() -> None:
    put([one(0), one(1, inference_id="held-out-20261127-090000-00000000-1")], "a")
    counts = run()
    assert (counts.requests, counts.rows, len(rows())) == (1, 1, 1)


def test_versions_and_variants_have_their_own_hours_and_a_shadow_is_left_out_unless_asked_for() -> None:
    put([one(0)], "a")
    put([one(1)], "a", 10, OTHER)
    put([one(2)], "a", folder=f"{HOSTED}_{OTHER}")
    put([one(3)], "a", folder=f"{HOSTED}_{OTHER}", variant="shadow")
    put([one(4)], "a", folder="somebody-else")
    put_file([one(5)], f"{HOSTED}/e/{platform().variant}/2026/13/27/09/a.jsonl")
    run()
    found = [(hour.version, hour.start.hour, hour.counts.rows) for hour in hours.hours(case())]
    assert found == [(3, 9, 2), (4, 10, 1)]
    shadows = [(hour.version, hour.variant, hour.counts.rows) for hour in hours.hours(case(), shadows=True)]
    assert (4, "shadow", 1) in shadows
    assert [hour.version for hour in hours.hours(case(), version=4)] == [4]
    span = Span(since=HOUR + timedelta(hours=1), until=HOUR + timedelta(hours=2))
    assert [hour.version for hour in hours.hours(case(), span)] == [4]
    assert hours.hours(case(), Span(since=HOUR - timedelta(hours=1), until=HOUR)) == []


def test_a_span_is_a_merge_of_its_hours() -> None:
    for number in range(8):
        put([one(number)], f"f{number}", number % 3)
    run()
    parts = hours.hours(case())
    assert len(parts) == 3
    merged = merged_profile(case(), parts)
    assert merged.rows == 8
    colours = merged.columns["colour"]
    assert getattr(colours, "frequent", None) == {"red": 3, "green": 3}
    assert colours.missing == 2
    assert merged_profile(case(), []).rows == 0


def test_each_value_of_a_segment_has_a_profile_and_the_others_are_one() -> None:
    use_case = case(monitoring={**case().monitoring.model_dump(), "segments": ["colour"]})
    put([one(number) for number in range(9)], "a")
    put([one(number) for number in range(9, 12)], "b", 10)
    run(use_case=use_case)
    found = hours.hours(use_case)
    assert set(found[0].segments) == {"colour=green", "colour=red", "colour=other"}
    green = merged_profile(use_case, found, "colour=green")
    assert (green.rows, green.columns["age"].count) == (4, 4)
    assert sum(merged_profile(use_case, found, each).rows for each in found[0].segments) == 12
    put([one(13)], "c")
    run(use_case=use_case)
    assert merged_profile(use_case, hours.hours(use_case), "colour=green").rows == 5


def test_several_processes_find_what_one_does() -> None:
    put([one(0), one(1)], "a")
    put(["{"], "a", 10)  # without a row: only one of the processes profiles rows, which takes a second to import
    counts = run(processes=2)
    assert (counts.files, counts.rows, counts.corrupt) == (2, 2, 1)
    assert [(hour.counts.rows, hour.counts.corrupt) for hour in hours.hours(case())] == [(2, 0), (0, 1)]
    assert [each["age"] for each in rows()] == [10, 11]


class Killed(BaseException):
    """A process that ends at once."""


def kill_at(monkeypatch: pytest.MonkeyPatch, call: int) -> None:
    """End the process at a write to S3, the last one of which is the hour's document: before it is done."""
    calls = iter(range(call + 1))
    for name in ("put", "put_if"):
        write = getattr(storage, name)

        def dying(*given: Any, write: Any = write) -> None:
            if next(calls, None) == call:
                raise Killed
            write(*given)

        monkeypatch.setattr(storage, name, dying)


def normal(found: list[Hour]) -> list[Any]:
    """What hours have, without the names of their objects."""
    return [(hour.key, hour.files, hour.counts, len(hour.scored), len(hour.events)) for hour in found]


@pytest.mark.parametrize("call", range(6))
def test_a_run_that_is_killed_at_any_write_counts_nothing_twice_and_loses_nothing(
    monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    put([one(0), one(1)], "a")
    run()
    put([one(2), one(3)], "b")
    earlier = hours.hours(case())
    with monkeypatch.context() as patch:
        kill_at(patch, call)
        with pytest.raises(Killed):
            run()
    if call < 5:  # 4: the document; 5: the watermark
        assert hours.hours(case()) == earlier
    run()
    [hour] = hours.hours(case())
    assert (hour.counts.files, hour.counts.rows, merged_profile(case(), [hour]).rows) == (2, 4, 4)
    assert [each["age"] for each in rows()] == [10, 11, 12, 13]


def test_of_two_collectors_at_once_the_loser_reads_the_hour_again(monkeypatch: pytest.MonkeyPatch) -> None:
    put([one(0), one(1)], "a")
    replace, others = hours.replace, iter([True])

    def outrun(use_case: str, hour: Hour, seen: str | None) -> None:
        if next(others, False):
            put([one(2)], "b")
            run()
        replace(use_case, hour, seen)

    monkeypatch.setattr(hours, "replace", outrun)
    assert run() == TrafficCounts()
    [hour] = hours.hours(case())
    assert (hour.counts.files, hour.counts.rows, len(rows())) == (2, 3, 3)


def test_an_hour_that_cannot_be_read_is_refused_with_what_to_do() -> None:
    put([one(0)], "a")
    run()
    [hour] = hours.hours(case())
    storage.put(f"{hour.key.folder('small_one')}/hour.json", b'{"hosted": 1}')
    with pytest.raises(VishwaOpsError, match="expected the Hour that this version of VishwaOps writes"):
        run()


def test_a_watermark_that_cannot_be_read_costs_time_and_nothing_else() -> None:
    put([one(0)], "a")
    run()
    storage.put(f"{locations.traffic('small_one')}/watermark.json", b"[]")
    put([one(1)], "b")
    assert run().rows == 1
    assert watermark.first_hour(case(), NOW) == hours.hour_of(NOW - timedelta(hours=48))


def test_a_clock_that_was_ahead_hides_no_file_that_comes_later() -> None:
    run(NOW + timedelta(days=365))
    put([one(0)], "a")
    assert run().rows == 1
