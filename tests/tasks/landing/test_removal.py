import signal
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from config.use_case import UseCase
from tasks import locations, storage
from tasks.landing import reading, versions
from tasks.landing.commit import land
from tasks.landing.removal import find_rows, read_rows, remove_rows
from tasks.landing.row_removal import Removal
from tasks.landing.snapshots import files_of
from tasks.landing.table import find_table
from tasks.landing.table_files import all_manifests, data_files
from tests.plain_bytes import plain
from tests.tasks.landing.support import Log, case, ended_at, objects, rows, source_of


def with_id(number: int) -> Callable[[pa.RecordBatch], np.ndarray]:
    def mask(batch: pa.RecordBatch) -> np.ndarray:
        found = pc.equal(batch.column("id"), number).fill_null(False)
        return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)

    return mask


def removed(use_case: UseCase, number: int) -> dict[str, int]:
    mask = with_id(number)
    return remove_rows(use_case, find_rows(use_case.name, mask), mask, None)


def ids(use_case: UseCase, digest: str) -> list[int]:
    version = versions.find(use_case.name, digest)
    with reading.opened(versions.reference(use_case.name, version)) as stored:
        found: list[int] = stored.read(["id"])["id"].to_pylist()
    return found


def having(use_case: UseCase, number: int) -> list[str]:
    """The names of the table's objects that have this number: data, or statistics of a manifest."""
    folder = locations.table(use_case.name)
    return [
        name for name in objects(use_case) if number.to_bytes(8, "little") in plain(storage.get(f"{folder}/{name}"))
    ]


def test_rows_leave_every_version_and_each_keeps_its_name_tag_and_snapshot(bucket: str) -> None:
    use_case = case("removal_versions")
    first = land(use_case, source_of(rows(1, 777, 3)))
    second = land(use_case, source_of(rows(1, 777, 3, 4)))
    third = land(use_case, source_of(rows(5, 6)))
    assert len(having(use_case, 777)) > 3  # the data, and the bounds of the manifests
    versions.tag(use_case.name, "spring", versions.find(use_case.name, first.digest))
    assert [batch.num_rows for batch in read_rows(use_case.name, find_rows(use_case.name, with_id(777)), with_id(777))]
    assert removed(use_case, 777) == {first.digest: 1, second.digest: 1}
    assert ids(use_case, "spring") == [1, 3]
    assert ids(use_case, second.digest) == [1, 3, 4]
    assert ids(use_case, third.digest) == [5, 6]
    found = {each.digest: each for each in versions.versions(use_case.name)}
    assert (found[first.digest].rows, found[first.digest].forgotten, found[third.digest].forgotten) == (2, 1, 0)
    assert (found[first.digest].snapshot, storage.exists(first.uri)) == (first.snapshot, True)
    assert having(use_case, 777) == []
    assert removed(use_case, 777) == {}
    table = find_table(use_case.name)
    assert table is not None
    assert (len(all_manifests(table)), len(data_files(use_case.name))) == (3, 3)
    assert Removal(use_case, table, [], with_id(777)).run(None) == {}
    assert land(use_case, source_of(rows(5, 6))) == third
    assert land(use_case, source_of(rows(7))).rows == 1


def test_an_incremental_source_continues_from_its_position(bucket: str) -> None:
    use_case, log = case("removal_increments"), Log([1, 777, 3])
    land(use_case, log)
    log.ids += [4]
    version = land(use_case, Log(log.ids))
    assert sum(removed(use_case, 777).values()) == 2
    assert ids(use_case, version.digest) == [1, 3, 4]
    assert land(use_case, Log([*log.ids, 5])).rows == 4
    assert ids(use_case, "latest") == [1, 3, 4, 5]


def test_a_file_without_a_row_left_keeps_its_version_readable(bucket: str) -> None:
    use_case = case("removal_all")
    version = land(use_case, source_of(rows(777)))
    assert removed(use_case, 777) == {version.digest: 1}
    assert ids(use_case, version.digest) == []


@pytest.mark.parametrize("step", [3, 6, 7, 8, 9])
def test_a_killed_removal_is_completed_by_repeating_it(bucket: str, step: int) -> None:
    use_case = case(f"removal_killed_{step}")
    first = land(use_case, source_of(rows(1, 777, 3)))
    land(use_case, source_of(rows(777, 4)))
    ended = ended_at(step, lambda: removed(use_case, 777))
    assert ended == -signal.SIGKILL
    table = find_table(use_case.name)
    assert table is not None
    for snapshot in table.snapshots():
        assert files_of(table, snapshot)
    removed(use_case, 777)
    assert ids(use_case, first.digest) == [1, 3]
    assert ids(use_case, "latest") == [4]
    assert [each.forgotten for each in versions.versions(use_case.name)] == [1, 1]
    assert having(use_case, 777) == []
