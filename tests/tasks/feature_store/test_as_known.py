"""Which record of a history was known at the time of an event, against a slow reference."""

import random
import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pytest

from tasks.feature_store.as_known import NOTHING, History, known_rows, rows_or_nulls


class Record(NamedTuple):
    key: str | None
    event_time: int
    written: int
    stored: int
    deleted: bool


class Event(NamedTuple):
    key: str | None
    at: int


def reference(event: Event, records: Sequence[Record], max_age: int | None) -> int:
    """Look at each record in turn, and keep the newest that was known."""
    best = NOTHING
    for place, record in enumerate(records):
        if event.key is None or record.key != event.key or record.event_time > event.at or record.written > event.at:
            continue
        if best == NOTHING or record[1:4] >= records[best][1:4]:
            best = place
    if best == NOTHING or records[best].deleted:
        return NOTHING
    return NOTHING if max_age is not None and event.at - records[best].event_time > max_age else best


def fast(events: Sequence[Event], records: Sequence[Record], max_age: int | None) -> list[int]:
    keys, event_time, written, stored, deleted = zip(*records, strict=True) if records else ((),) * 5
    history = History(
        pa.array(keys, pa.string()),
        np.array(event_time, np.int64),
        np.array(written, np.int64),
        np.array(stored, np.int64),
        np.array(deleted, bool),
    )
    at = np.array([event.at for event in events], np.int64)
    return known_rows(pa.array([event.key for event in events], pa.string()), at, history, max_age).tolist()  # type: ignore[no-any-return]


def random_case(chance: random.Random) -> tuple[list[Event], list[Record], int | None]:
    """A few keys and times, so that ties, duplicates, late writes and unknown keys are frequent."""
    keys = ["a", "b", "c", None]

    def record() -> Record:
        event_time = chance.randrange(12)
        written = event_time + chance.choice([-3, -1, 0, 0, 1, 5])
        return Record(
            chance.choice(keys), event_time, written, written + chance.choice([0, 0, 4]), chance.random() < 0.1
        )

    records = [record() for _ in range(chance.choice([0, 1, 2, 3, 6, 12]))]
    if records and chance.random() < 0.3:
        records.append(chance.choice(records))
    events = [Event(chance.choice([*keys, "other"]), chance.randrange(-2, 16)) for _ in range(chance.randrange(8))]
    return events, records, chance.choice([None, None, 0, 3])


def test_10000_random_histories_give_what_a_slow_reference_gives() -> None:
    chance, found_some = random.Random(7), 0  # noqa: S311
    for number in range(10_000):
        events, records, max_age = random_case(chance)
        found = fast(events, records, max_age)
        assert found == [reference(event, records, max_age) for event in events], (number, events, records, max_age)
        found_some += sum(row >= 0 for row in found)
    assert found_some > 3_000


@pytest.mark.parametrize(
    ("written", "expected"), [(10, 0), (11, NOTHING)], ids=["at the event's time", "after the event"]
)
def test_a_record_is_known_if_it_was_written_by_the_event(written: int, expected: int) -> None:
    assert fast([Event("a", 10)], [Record("a", 3, written, 20, deleted=False)], None) == [expected]


def test_a_late_correction_counts_only_for_events_after_it_was_written() -> None:
    records = [Record("a", 3, 3, 3, deleted=False), Record("a", 3, 8, 8, deleted=False)]
    assert fast([Event("a", 7), Event("a", 8)], records, None) == [0, 1]


def test_a_record_that_arrives_late_with_an_older_event_time_does_not_replace_a_newer_one() -> None:
    records = [Record("a", 5, 5, 5, deleted=False), Record("a", 2, 9, 9, deleted=False)]
    assert fast([Event("a", 10)], records, None) == [0]


def test_a_deletion_leaves_nothing_known_until_the_next_record() -> None:
    records = [
        Record("a", 1, 1, 1, deleted=False),
        Record("a", 4, 4, 4, deleted=True),
        Record("a", 6, 6, 6, deleted=False),
    ]
    assert fast([Event("a", 3), Event("a", 5), Event("a", 6)], records, None) == [0, NOTHING, 2]


def test_rows_keep_their_number_and_order_with_nulls_where_nothing_was_known() -> None:
    table = pa.table({"income": [10, 20]})
    assert rows_or_nulls(table, np.array([1, NOTHING, 0, 1])).to_pydict() == {"income": [20, None, 10, 20]}


def test_a_million_events_of_100000_records_take_seconds() -> None:
    chance = np.random.default_rng(1)
    texts = pa.array([f"key-{number}" for number in range(20_000)])
    times = chance.integers(0, 10**9, 100_000)
    history = History(texts.take(pa.array(chance.integers(0, 20_000, 100_000))), times, times + 5)
    keys = texts.take(pa.array(chance.integers(0, 20_000, 1_000_000)))
    begin = time.process_time()
    rows = known_rows(keys, chance.integers(0, 10**9, 1_000_000), history)
    assert len(rows) == 1_000_000
    assert time.process_time() - begin < 10
