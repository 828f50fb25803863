"""One commit of rows that were written for a state of the table."""

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from config.errors import VishwaOpsError
from tasks import locations, storage
from tasks.landing import snapshots, transaction
from tasks.landing.columns import StoredColumn, file_schema
from tasks.landing.evolution import new_schema
from tasks.landing.properties import VersionProperties
from tasks.landing.table import find_table
from tasks.landing.transaction import VERSION_TAG, Stale, WrittenRows, attempts, commit

ID, AGE = StoredColumn("id", "integer", "id"), StoredColumn("age", "integer", "age")


def written(use_case: str, number: int, *columns: StoredColumn, **changes: Any) -> WrittenRows:
    """A row of these columns, in a part file."""
    schema = file_schema(new_schema(columns), [column.name for column in columns])
    uri, sink = f"{locations.table(use_case)}/data/{number}.parquet", pa.BufferOutputStream()
    pq.write_table(pa.table([[number]] * len(columns), schema=schema), sink)
    storage.put(uri, sink.getvalue().to_pybytes())
    names = tuple(column.name for column in columns)
    properties = VersionProperties(digest=f"d{number}", source="rows", rows=1, malformed=0, columns=names)
    return replace(WrittenRows([uri], schema, columns, properties), **changes)


def files(use_case: str) -> list[str]:
    """The current files of the table."""
    table = find_table(use_case)
    snapshot = table.current_snapshot() if table else None
    assert table is not None
    assert snapshot is not None
    return [file.file_path.rpartition("/")[2] for file in snapshots.files_of(table, snapshot)]


def test_a_commit_replaces_or_keeps_the_earlier_files_and_tags_its_version(bucket: str) -> None:
    first = commit("commit_files", written("commit_files", 1, ID))
    commit("commit_files", written("commit_files", 2, ID, keeps_earlier=True))
    assert files("commit_files") == ["1.parquet", "2.parquet"]
    third = commit("commit_files", written("commit_files", 3, ID, AGE))
    assert files("commit_files") == ["3.parquet"]
    table = find_table("commit_files")
    assert table is not None
    tags = {name: ref.snapshot_id for name, ref in table.refs().items() if name.startswith(VERSION_TAG)}
    assert (tags["v-d1"], tags["v-d3"], len(tags)) == (first.snapshot, third.snapshot, 3)
    assert [found.parent for _, found in snapshots.all_versions(table)] == ["d2", "d1", None]
    assert table.schema().column_names == ["id", "age"]


def test_a_digest_that_the_table_has_is_that_version_and_the_new_files_are_deleted(bucket: str) -> None:
    first = commit("commit_again", written("commit_again", 1, ID))
    commit("commit_again", written("commit_again", 2, ID))
    again = written("commit_again", 3, ID)
    again = replace(again, properties=replace(again.properties, digest="d1"))
    assert commit("commit_again", again) == first
    assert files("commit_again") == ["1.parquet"]
    assert not storage.exists(again.files[0])


def test_rows_for_another_state_of_the_table_are_refused_and_nothing_is_committed(bucket: str) -> None:
    first = commit("commit_stale", written("commit_stale", 1, ID, AGE))
    with pytest.raises(Stale, match="has added rows"):
        commit("commit_stale", written("commit_stale", 2, ID, after=first.snapshot - 1, requires_after=True))
    with pytest.raises(Stale, match="has changed the table's columns"):
        commit("commit_stale", written("commit_stale", 3, AGE, ID))
    assert files("commit_stale") == ["1.parquet"]


def test_a_commit_that_loses_each_time_ends_with_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transaction, "LONGEST_PAUSE", 0)
    numbers = attempts("people")
    assert [next(numbers) for _ in range(transaction.ATTEMPTS)] == list(range(30))
    with pytest.raises(VishwaOpsError, match=r"people: other writers changed the table 30 times meanwhile\. Run again"):
        next(numbers)
