"""The snapshots of a table as dataset versions, and their data files."""

import re
from collections.abc import Iterator

from pyiceberg.manifest import DataFile, ManifestEntry
from pyiceberg.table import Table
from pyiceberg.table.snapshots import Snapshot

from tasks.landing.properties import VersionProperties
from tasks.references import DatasetVersion

CORRECTED = re.compile(r"-corrected-(\d+)-[^/]*$")
"""The end of the name of a file that replaces another one, with the number of the commit of the file before it."""


def current(table: Table | None) -> tuple[Snapshot, VersionProperties] | None:
    """Return the snapshot of the current version; None when the table has no version yet.

    Snapshots after it may be another engine's, which has compacted the files.
    """
    snapshot = table.current_snapshot() if table else None
    while table and snapshot:
        if properties := VersionProperties.of(snapshot):
            return snapshot, properties
        snapshot = table.snapshot_by_id(snapshot.parent_snapshot_id) if snapshot.parent_snapshot_id else None
    return None


def with_digest(table: Table, digest: str) -> tuple[Snapshot, VersionProperties] | None:
    """Return the snapshot of the version with this digest, if the table has it."""
    return next((found for found in all_versions(table) if found[1].digest == digest), None)


def all_versions(table: Table) -> Iterator[tuple[Snapshot, VersionProperties]]:
    """Yield the snapshots that are versions, newest first."""
    for snapshot in reversed(table.snapshots()):
        if properties := VersionProperties.of(snapshot):
            yield snapshot, properties


def files_of(table: Table, snapshot: Snapshot) -> list[DataFile]:
    """Return the data files of a snapshot, in the order of their rows: by commit, then by path.

    A file with corrected rows is where the file was that it replaces.
    """
    return [entry.data_file for entry in entries_of(table, snapshot)]


def entries_of(table: Table, snapshot: Snapshot) -> list[ManifestEntry]:
    """Return the manifests' entries of the files of `files_of`."""
    entries = [entry for manifest in snapshot.manifests(table.io) for entry in manifest.fetch_manifest_entry(table.io)]
    entries.sort(key=lambda entry: (commit_of(entry), entry.data_file.file_path))
    return entries


def commit_of(entry: ManifestEntry) -> int:
    """Return the number of the commit that added a file's rows, whether or not they have been corrected since."""
    replaced = CORRECTED.search(entry.data_file.file_path)
    return int(replaced[1]) if replaced else entry.sequence_number or 0


def corrected_name(entry: ManifestEntry, stamp: str) -> str:
    """Return the address of the file with the corrected rows of another one. Its place in the order is the same."""
    before = entry.data_file.file_path
    stem = CORRECTED.sub("", before) if CORRECTED.search(before) else before.removesuffix(".parquet")
    return f"{stem}-corrected-{commit_of(entry)}-{stamp}.parquet"


def reference(use_case: str, table: Table, snapshot: Snapshot, properties: VersionProperties) -> DatasetVersion:
    """Return the reference of a version. It is the same each time."""
    return DatasetVersion(
        use_case=use_case,
        digest=properties.digest,
        source=properties.source,
        table=".".join(table.name()),
        snapshot=snapshot.snapshot_id,
        uri=snapshot.manifest_list,
        rows=properties.rows,
        malformed=properties.malformed,
    )
