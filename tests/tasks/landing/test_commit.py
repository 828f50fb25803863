import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pytest

from config.errors import SourceError
from tasks.landing import reading, versions
from tasks.landing.commit import land
from tasks.landing.table import find_table
from tasks.references import DatasetVersion
from tasks.sources.source import Source
from tests.tasks.landing.support import Log, case, ended_at, objects, rows, snapshot_count, source_of


def ids(version: DatasetVersion) -> list[int]:
    with reading.opened(version) as stored:
        found: list[int] = stored.read(["id"])["id"].to_pylist()
    return found


def test_the_same_rows_are_one_version_and_leave_no_files(bucket: str) -> None:
    use_case = case("land_twice")
    first = land(use_case, source_of(rows(1, 2)))
    there = objects(use_case)
    assert land(use_case, source_of(rows(1, 2), "again")) == first
    assert objects(use_case) == there
    other = land(use_case, source_of(rows(3)))
    assert (ids(first), ids(other), snapshot_count(use_case)) == ([1, 2], [3], 2)


def test_earlier_rows_that_come_again_are_the_earlier_version(bucket: str) -> None:
    use_case = case("land_again")
    first, other = (land(use_case, source_of(rows(each))) for each in (1, 2))
    files = {name for name in objects(use_case) if name.startswith("data/")}
    assert land(use_case, source_of(rows(1))) == first
    assert snapshot_count(use_case) == 2
    assert {name for name in objects(use_case) if name.startswith("data/")} == files
    assert versions.find("land_again", "latest").digest == first.digest
    third = land(use_case, source_of(rows(3)))
    assert versions.find("land_again", third.digest).parent == first.digest
    assert ids(other) == [2]


def test_an_incremental_source_adds_rows_with_its_position(bucket: str) -> None:
    use_case, log = case("land_log"), Log([1, 2])
    first = land(use_case, log)
    assert land(use_case, log) == first
    log.ids.append(3)
    second = land(use_case, log)
    found = versions.find(use_case.name, "latest")
    assert (second.rows, found.added_rows, found.position, found.parent) == (3, 1, {"rows": 3}, first.digest)
    assert (ids(first), ids(second)) == ([1, 2], [1, 2, 3])


def test_an_incremental_source_without_rows_is_refused_only_before_the_first_version(bucket: str) -> None:
    with pytest.raises(SourceError, match="log: expected rows, found none yet"):
        land(case("land_empty"), Log())
    assert find_table("land_empty") is None


def test_an_incremental_source_replaces_rows_of_which_it_has_no_position(bucket: str) -> None:
    use_case = case("land_switched")
    whole = land(use_case, source_of(rows(1, 2)))
    log = land(use_case, Log([1, 2]))
    assert (ids(log), log.digest != whole.digest) == ([1, 2], True)
    land(use_case, source_of(rows(9)))
    assert land(use_case, Log([1, 2])) == log
    assert ids(land(use_case, Log([1, 2, 3]))) == [1, 2, 3]


def test_ingests_at_once_never_mix(bucket: str) -> None:
    use_case = case("land_at_once")
    start = threading.Barrier(4)

    def whole(each: int) -> DatasetVersion:
        start.wait()
        return land(use_case, source_of(rows(each, 10 * each)))

    with ThreadPoolExecutor(4) as pool:
        landed = list(pool.map(whole, range(1, 5)))
    assert [ids(version) for version in landed] == [[each, 10 * each] for each in range(1, 5)]
    assert snapshot_count(use_case) == 4


class Racing(Log):
    """A log of which another writer lands a row while it is read for the first time."""

    def batches(self) -> Iterator[pa.RecordBatch]:
        yield from super().batches()
        if self.first == 0 and self.ids == [1, 2]:
            self.ids.append(3)
            land(case("land_race"), Log(self.ids))


def test_rows_that_another_writer_was_faster_to_add_are_read_again_from_its_position(bucket: str) -> None:
    log = Racing([1, 2])
    version = land(case("land_race"), log)
    assert (ids(version), snapshot_count(case("land_race"))) == ([1, 2, 3], 1)
    assert len([name for name in objects(case("land_race")) if name.startswith("data/")]) == 1


@pytest.mark.parametrize("kind", ["whole", "incremental"])
def test_an_ingest_that_is_killed_at_any_step_leaves_whole_versions_and_the_next_one_completes(
    bucket: str, kind: str
) -> None:
    log, statuses = Log(), list[int]()
    while 0 not in statuses:
        step = len(statuses) + 1
        use_case = case(f"killed_{kind}_{step if kind == 'whole' else 0}")  # a whole source, also of a new table
        log.ids = [*log.ids, step]
        source: Source = source_of(rows(*log.ids)) if kind != "incremental" else log
        before = len(versions.versions(use_case.name))
        statuses.append(ended_at(step, lambda: land(use_case, source)))  # noqa: B023
        assert statuses[-1] in (-signal.SIGKILL, 0)
        there = versions.versions(use_case.name)
        assert len(there) - before in (0, 1)
        for version in there:
            assert ids(versions.reference(use_case.name, version)) == log.ids[: version.rows]
        landed, names = [version.digest for version in there], objects(use_case)
        again = land(use_case, source)
        assert ids(again) == log.ids
        if again.digest in landed:
            assert objects(use_case) == names
    assert statuses == [-signal.SIGKILL] * (len(statuses) - 1) + [0]
    assert len(statuses) > 5


def test_an_increment_continues_after_another_engine_has_compacted_the_files(bucket: str) -> None:
    use_case, log = case("land_compacted"), Log([1])
    first = land(use_case, log)
    table = find_table(use_case.name)
    assert table is not None
    table.append(table.scan().to_arrow().slice(0, 0))
    assert snapshot_count(use_case) == 2
    assert versions.find(use_case.name, "latest").digest == first.digest
    log.ids.append(2)
    assert ids(land(use_case, log)) == [1, 2]
