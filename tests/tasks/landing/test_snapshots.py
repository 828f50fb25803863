"""Snapshots of a table in memory as versions."""

from pathlib import Path

import pyarrow as pa
import pytest
from pyiceberg.catalog.memory import InMemoryCatalog
from pyiceberg.table import Table

from tasks.landing import snapshots
from tasks.landing.properties import VersionProperties


@pytest.fixture
def table(tmp_path: Path) -> Table:
    catalog = InMemoryCatalog("memory", warehouse=f"file://{tmp_path}")
    catalog.create_namespace("db")
    return catalog.create_table("db.people", pa.schema([("id", pa.int64())]))


def add(table: Table, number: int, digest: str = "") -> None:
    """Append a row; as a version if there is a digest."""
    version = VersionProperties(digest=digest, source="rows", rows=number, malformed=0, columns=("id",))
    table.append(pa.table({"id": [number]}), snapshot_properties=version.written() if digest else {})


def test_no_table_and_no_version_have_no_current_version(table: Table) -> None:
    assert snapshots.current(None) is None
    assert snapshots.current(table) is None
    add(table, 1)
    assert snapshots.current(table) is None


def test_the_current_version_is_found_below_another_engines_snapshots(table: Table) -> None:
    for number, digest in enumerate(["a", "b", "", ""], 1):
        add(table, number, digest)
    found = snapshots.current(table)
    assert found is not None
    assert (found[0].snapshot_id, found[1].digest) == (table.snapshots()[1].snapshot_id, "b")


def test_versions_are_listed_newest_first_and_found_by_digest(table: Table) -> None:
    for number, digest in enumerate(["a", "", "b"], 1):
        add(table, number, digest)
    assert [properties.digest for _, properties in snapshots.all_versions(table)] == ["b", "a"]
    found = snapshots.with_digest(table, "a")
    assert found is not None
    assert found[0] == table.snapshots()[0]
    assert snapshots.with_digest(table, "c") is None


def test_the_files_of_a_snapshot_are_in_the_order_of_their_commits(table: Table) -> None:
    for number in (1, 2, 3):
        add(table, number, str(number))
    orders = [[file.file_path for file in snapshots.files_of(table, each)] for each in table.snapshots()]
    assert [len(order) for order in orders] == [1, 2, 3]
    assert orders[2][:2] == orders[1]
    assert orders[1][:1] == orders[0]


def test_a_reference_names_the_table_the_snapshot_and_its_rows(table: Table) -> None:
    add(table, 4, "a")
    snapshot, properties = next(snapshots.all_versions(table))
    found = snapshots.reference("people", table, snapshot, properties)
    assert (found.table, found.digest, found.rows, found.malformed) == ("db.people", "a", 4, 0)
    assert (found.snapshot, found.uri) == (snapshot.snapshot_id, snapshot.manifest_list)
