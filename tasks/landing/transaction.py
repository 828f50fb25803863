"""One commit of a table: its changes of columns, the rows' files, and the snapshot with its properties and its tag."""

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.expressions import AlwaysTrue
from pyiceberg.io.pyarrow import parquet_file_to_data_file
from pyiceberg.manifest import DataFile
from pyiceberg.table import Table, Transaction
from pyiceberg.table.update.snapshot import ManageSnapshots
from pyiceberg.utils.concurrent import ExecutorFactory

from config.errors import VishwaOpsError
from tasks import corrections, storage
from tasks.landing import snapshots
from tasks.landing.columns import StoredColumn, field_ids, file_schema
from tasks.landing.evolution import Changes, changes, new_schema
from tasks.landing.properties import VersionProperties
from tasks.landing.table import require_table
from tasks.progress import log
from tasks.references import DatasetVersion

ATTEMPTS = 30
"""The number of attempts to commit while other writers commit."""
LONGEST_PAUSE = 0.5
"""Seconds between two attempts, at most."""
VERSION_TAG = "v-"
"""The beginning of the tag that each version has. Other engines find it by this name and do not expire it."""


class Stale(Exception):
    """Another writer has changed the table, so that the rows must be read and written again."""


@dataclass(frozen=True)
class WrittenRows:
    """Rows in part files, which no commit has reached yet."""

    files: Sequence[str]
    schema: pa.Schema
    """Of the files, with the ids of the table's columns."""
    columns: Sequence[StoredColumn]
    properties: VersionProperties
    after: int | None = None
    """The snapshot that must still be the current one; None for a table without a version."""
    requires_after: bool = False
    """Whether a table with another current snapshot is refused: the rows of an incremental source depend on it."""
    keeps_earlier: bool = False
    """Whether the files are added to those of the current version; otherwise they replace them."""
    replaced: Mapping[str, str] = field(default_factory=dict)
    """The files that replace one file each of the current version, by its address. The other files stay."""
    corrections: str | None = None
    """The release of corrections that the rows were read with."""
    releases: str | None = None
    """The release that is in effect from this commit on."""


def attempts(what: str) -> Iterator[int]:
    """Yield numbers, with growing pauses. Raises VishwaOpsError after ATTEMPTS."""
    for number in range(ATTEMPTS):
        yield number
        time.sleep(random.uniform(0, min(LONGEST_PAUSE, 0.05 * 2**number)))  # noqa: S311
    raise VishwaOpsError(f"{what}: other writers changed the table {ATTEMPTS} times meanwhile. Run again")


def commit(use_case: str, rows: WrittenRows) -> DatasetVersion:
    """Commit rows as a version, on the table as it is now, and return it.

    A version with the same digest becomes the current one again, and the files are deleted. Raises Stale when the rows
    were read or written for another state of the table, ConfigError when it can't take their columns, and
    VishwaOpsError when other writers were faster each time.
    """
    for _ in attempts(use_case):
        table = require_table(use_case, new_schema(rows.columns))
        _require_base(use_case, table, rows)
        if found := snapshots.with_digest(table, rows.properties.digest):
            if not _made_current(table, found[0].snapshot_id, rows.releases):
                continue
            storage.delete(rows.files)
            return snapshots.reference(use_case, table, *found)
        if _try_commit(use_case, table, rows) and (landed := snapshots.with_digest(table, rows.properties.digest)):
            return snapshots.reference(use_case, table, *landed)
    raise AssertionError  # `attempts` raises before


def _require_base(use_case: str, table: Table, rows: WrittenRows) -> None:
    """Raise Stale when the rows depend on another version than the current one."""
    if rows.requires_after and table.metadata.current_snapshot_id != rows.after:
        raise Stale(f"{use_case}: another writer has added rows since these were read")
    if table.properties.get(corrections.PROPERTY) != rows.corrections:
        raise Stale(f"{use_case}: corrections have been released since these rows were read")


def _made_current(table: Table, snapshot: int, releases: str | None) -> bool:
    """Make a version the current one, with a release. Returns whether it is: otherwise another writer was faster."""
    transaction = table.transaction()
    if table.metadata.current_snapshot_id != snapshot:
        ManageSnapshots(transaction).set_current_snapshot(snapshot).commit()
    _release(transaction, releases)
    try:
        transaction.commit_transaction()
    except CommitFailedException:
        return False
    return True


def _release(transaction: Transaction, name: str | None) -> None:
    if name:
        transaction.set_properties({corrections.PROPERTY: name})


def _try_commit(use_case: str, table: Table, rows: WrittenRows) -> bool:
    """Commit the rows. Returns whether it succeeded: otherwise another writer was faster."""
    transaction = table.transaction()
    needed = changes(use_case, table.schema(), rows.columns)
    evolve(transaction, needed)
    if field_ids(file_schema(transaction.table_metadata.schema(), rows.schema.names)) != field_ids(rows.schema):
        raise Stale(f"{use_case}: another writer has changed the table's columns since these rows were written")
    known = snapshots.current(table)
    properties = replace(rows.properties, parent=known[1].digest if known else None)
    snapshot = _add_snapshot(transaction, table, rows, properties)
    ManageSnapshots(transaction).create_tag(snapshot, VERSION_TAG + properties.digest).commit()
    _release(transaction, rows.releases)
    try:
        transaction.commit_transaction()
    except CommitFailedException:
        return False
    if needed:
        log.info("table     %s: %s", use_case, needed.described())
    return True


def evolve(transaction: Transaction, needed: Changes) -> None:
    """Add the changes of columns to a transaction."""
    if needed:
        with transaction.update_schema() as update:
            needed.apply(update)


def _add_snapshot(transaction: Transaction, table: Table, rows: WrittenRows, properties: VersionProperties) -> int:
    added, before = _data_files(transaction, table, rows.files), table.current_snapshot()
    update = transaction.update_snapshot(snapshot_properties=properties.written())
    keeps = rows.keeps_earlier and not rows.replaced
    producer = update.fast_append() if keeps or before is None else update.overwrite()
    with producer:
        for file in added:
            producer.append_data_file(file)
        if not keeps and before is not None:
            producer.delete_by_predicate(AlwaysTrue())
            for file in snapshots.files_of(table, before):
                if not rows.replaced or file.file_path in rows.replaced.values():
                    producer.delete_data_file(file)
    return producer.snapshot_id


def _data_files(transaction: Transaction, table: Table, files: Sequence[str]) -> list[DataFile]:
    """Return the files with their statistics, which are read from their ends."""
    metadata = transaction.table_metadata
    executor = ExecutorFactory.get_or_create()
    return list(executor.map(lambda file: parquet_file_to_data_file(table.io, metadata, file), files))
