"""New files of an hour, added to it: the rows are those of a list, the hour is in S3."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pytest

from config.errors import VishwaOpsError
from tasks import storage
from tasks.profiles import compact
from tasks.references.monitoring import TrafficCounts
from tasks.traffic import hours
from tasks.traffic.hours import Hour, HourKey
from tasks.traffic.increments import hash_of, hashes_of
from tasks.traffic.reading import MOST_ATTEMPTS, HourReader
from tests.tasks.traffic.scored_rows import HOUR, scored_batch, segmented

CASE = segmented("colour", name="reading_one")
NOW = HOUR + timedelta(minutes=30)


@dataclass
class ListedRows:
    """A request with two rows in each file."""

    files: Sequence[str]
    seen: set[int]
    counts: TrafficCounts = field(default_factory=TrafficCounts)
    reasons: list[str] = field(default_factory=list)
    events: list[int] = field(default_factory=list)

    def batches(self) -> Iterator[pa.RecordBatch]:
        for name in self.files:
            self.counts += TrafficCounts(files=1, requests=1, rows=2)
            self.events.append(hash_of(name))
            yield scored_batch(CASE, ["red", None], name)


class Opened(list[tuple[list[str], set[int]]]):
    """Opens such rows, and notes what was asked for."""

    def __call__(self, files: Sequence[str], seen: set[int]) -> ListedRows:
        self.append((list(files), seen))
        return ListedRows(files, seen)


@pytest.fixture
def reader(bucket: str) -> HourReader:
    """Reads an hour of a variant of its own."""
    return HourReader(CASE, HourKey("reading-one-v3-abc123", uuid4().hex, HOUR), 3, Opened())


def stored(reader: HourReader) -> Hour:
    found, _ = hours.find(CASE.name, reader.key)
    assert found
    return found


def opened(reader: HourReader) -> Any:
    return reader.open


def test_only_files_that_the_hour_lacks_are_opened_with_its_known_events(reader: HourReader) -> None:
    assert reader.read(["b", "a"], NOW) == TrafficCounts(files=2, requests=2, rows=4)
    assert reader.read(["a", "b", "c"], NOW) == TrafficCounts(files=1, requests=1, rows=2)
    assert reader.read(["c"], NOW) == TrafficCounts()
    assert opened(reader) == [(["a", "b"], set()), (["c"], {hash_of("a"), hash_of("b")})]
    found = stored(reader)
    assert (found.files, found.counts.rows, found.version) == (("a", "b", "c"), 6, 3)
    assert [each for uri in found.events for each in hashes_of(storage.get(uri))] == list(map(hash_of, "abc"))


def test_the_hour_names_each_object_and_a_profile_has_all_rows(reader: HourReader) -> None:
    reader.read(["a"], NOW)
    first = stored(reader)
    reader.read(["b"], NOW)
    found = stored(reader)
    assert (len(found.scored), len(found.sketches), set(found.segments)) == (2, 2, {"colour=other", "colour=red"})
    assert all(storage.exists(uri) for uri in found.objects)
    assert found.profile
    assert compact.from_bytes(storage.get(found.profile)).rows == 4
    assert found.scored[0] == first.scored[0]


def test_files_are_late_when_the_hour_was_read_after_its_end(reader: HourReader) -> None:
    assert reader.read(["a"], NOW).late_files == 0
    assert reader.read(["b"], HOUR + timedelta(minutes=60)).late_files == 0
    assert reader.read(["c", "d"], HOUR + timedelta(minutes=61)).late_files == 2
    assert (stored(reader).counts.late_files, stored(reader).read) == (2, HOUR + timedelta(minutes=61))


def test_an_hour_that_others_replace_again_and_again_is_an_error(
    reader: HourReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changed(use_case: str, hour: Hour, seen: str | None) -> None:
        raise storage.Changed(use_case)

    monkeypatch.setattr(hours, "replace", changed)
    monkeypatch.setattr(ListedRows, "batches", lambda self: iter(()))
    with pytest.raises(VishwaOpsError, match=r"2026/11/27/09: other runs of monitor replace it\. Run again"):
        reader.read(["a"], NOW)
    assert len(opened(reader)) == MOST_ATTEMPTS
    assert hours.find(CASE.name, reader.key) == (None, None)
