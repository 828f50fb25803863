"""Removes rows from all versions of a table. The versions keep their names, snapshots and tags.

1. Each data file with such rows is written again without them, and each manifest that names it.
2. One change of the table's metadata gives each version its new counts and the digest of the rows that are left.
3. The manifest list of each snapshot is replaced, one write for each. Its address stays: references have it.
4. The files that no snapshot names any more are deleted.

A removal that is killed is completed when it is repeated: until step 3 the rows are found again, and the counts are
computed from the totals before the first removal.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
from pyiceberg.exceptions import CommitFailedException

from config.use_case import UseCase
from tasks import locations, storage
from tasks.landing import snapshots
from tasks.landing.row_removal import Mask, Removal
from tasks.landing.table import find_table
from tasks.landing.table_files import all_manifests, batches, data_files, files_in, manifest_at
from tasks.landing.transaction import attempts

MANIFEST = re.compile(r"^(?!snap-).*\.avro$")
"""The name of a manifest. A manifest list has no statistics of columns."""


@dataclass(frozen=True)
class FoundFile:
    """A data file, and how many rows of it are removed."""

    uri: str
    rows: int


def find_rows(use_case: str, mask: Mask) -> list[FoundFile]:
    """Return the data files with such rows: those of all versions, and those that no version has."""
    table = find_table(use_case)
    if table is None:
        return []
    counted = ((uri, sum(int(mask(batch).sum()) for batch in batches(table, uri))) for uri in data_files(use_case))
    return [FoundFile(uri, rows) for uri, rows in counted if rows]


def read_rows(use_case: str, files: Sequence[FoundFile], mask: Mask) -> Iterator[pa.RecordBatch]:
    """Yield the rows of these files that are removed, with the table's columns."""
    if table := find_table(use_case):
        for file in files:
            for batch in batches(table, file.uri):
                yield batch.filter(pa.array(mask(batch)))


def versions_with(use_case: str, files: Sequence[FoundFile]) -> list[str]:
    """Return the digests of the versions that have one of these files, newest first."""
    table, wanted = find_table(use_case), {file.uri for file in files}
    if table is None or not wanted:
        return []
    return [
        properties.digest
        for snapshot, properties in snapshots.all_versions(table)
        if wanted & {file.file_path for file in snapshots.files_of(table, snapshot)}
    ]


def remove_rows(use_case: UseCase, files: Sequence[FoundFile], mask: Mask, release: str | None) -> dict[str, int]:
    """Remove the rows of these files, and return the number of removed rows by the digest of each version.

    `release` names the corrections in effect from now on. Raises VishwaOpsError when other writers were faster each
    time. Safe to repeat.
    """
    for _ in attempts(use_case.name):
        table = find_table(use_case.name)
        if table is None:
            return {}
        removal = Removal(use_case, table, [file.uri for file in files], mask)
        try:
            removed = removal.run(release)
        except CommitFailedException:
            continue
        _delete_unnamed(use_case.name, removal.gone)
        return removed
    raise AssertionError  # `attempts` raises before


def _delete_unnamed(use_case: str, gone: set[str]) -> None:
    """Delete the replaced files that no snapshot names any more, and manifests of files that are deleted."""
    if (table := find_table(use_case)) is None:
        return
    named = set[str]()
    for manifest in all_manifests(table):
        named.add(manifest.manifest_path)
        named |= files_in(table, manifest)
    storage.delete(sorted(gone - named))
    folder = f"{locations.table(use_case)}/metadata"
    others = [f"{folder}/{name}" for name in storage.names(folder) if MANIFEST.search(name)]
    there = {*data_files(use_case)}
    left = [uri for uri in others if uri not in named and not files_in(table, manifest_at(uri)) <= there]
    storage.delete(left)
