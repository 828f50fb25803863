"""The snapshots of a table as dataset versions, and their data files."""

from collections.abc import Iterator

from pyiceberg.manifest import DataFile
from pyiceberg.table import Table
from pyiceberg.table.snapshots import Snapshot

from tasks.landing.properties import VersionProperties
from tasks.references import DatasetVersion


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
    """Return the data files of a snapshot, in the order of their rows: by commit, then by path."""
    entries = [entry for manifest in snapshot.manifests(table.io) for entry in manifest.fetch_manifest_entry(table.io)]
    entries.sort(key=lambda entry: (entry.sequence_number or 0, entry.data_file.file_path))
    return [entry.data_file for entry in entries]


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
