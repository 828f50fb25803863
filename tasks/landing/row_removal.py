"""One attempt to remove rows from all versions of a table, on the table as it was read."""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
from pyiceberg.io.pyarrow import parquet_file_to_data_file
from pyiceberg.manifest import (
    ManifestEntry,
    ManifestEntryStatus,
    ManifestFile,
    write_manifest,
    write_manifest_list,
)
from pyiceberg.table import Table
from pyiceberg.table.snapshots import Snapshot

from config.use_case import UseCase
from tasks import corrections, digests, locations, names, storage
from tasks.landing import reading, snapshots
from tasks.landing.catalog import catalog
from tasks.landing.columns import file_schema
from tasks.landing.properties import PREFIX, VersionProperties
from tasks.landing.table_files import all_manifests, batches, column_names
from tasks.model_contract import MALFORMED
from tasks.rows import stored_rows
from tasks.rows.intake import NOT_DIGESTED, dataset_digest, described_schema
from tasks.rows.stored_rows import RowFile

Mask = Callable[[pa.RecordBatch], np.ndarray]
"""Returns the (n,) mask of the rows that are removed."""


@dataclass
class Removal:
    """One attempt, on the table as it was read."""

    use_case: UseCase
    table: Table
    files: Sequence[str]
    mask: Mask
    gone: set[str] = field(default_factory=set)
    """The addresses of the files that are replaced."""
    stamp: str = field(default_factory=names.stamp)

    def run(self, release: str | None) -> dict[str, int]:
        """Remove the rows; return the number of removed rows by the digest of each version."""
        new_files = self._new_files()
        manifests = self._new_manifests(new_files)
        self.gone |= {*self.files, *manifests}
        lists = {each.snapshot_id: self._new_list(each, manifests) for each in self.table.snapshots()}
        changed = {each.snapshot_id: self._counted(each, lists[each.snapshot_id]) for each in self.table.snapshots()}
        after = [_with_release(changed[each.snapshot_id], release) for each in self.table.snapshots()]
        properties = {**self.table.properties, **({corrections.PROPERTY: release} if release else {})}
        if after != self.table.snapshots() or properties != self.table.properties:
            metadata = self.table.metadata.model_copy(update={"snapshots": after, "properties": properties})
            catalog().replace_metadata(self.table, metadata)
        for snapshot in self.table.snapshots():
            if new := lists[snapshot.snapshot_id]:
                self._write_list(snapshot, new)
        return _removed(self.table.snapshots(), after)

    def _new_files(self) -> dict[str, ManifestEntry]:
        """Write each file again; return the entries' new files by the address before."""
        wanted, found = set(self.files), dict[str, ManifestEntry]()
        for manifest in all_manifests(self.table):
            for entry in manifest.fetch_manifest_entry(self.table.io, discard_deleted=False):
                uri = entry.data_file.file_path
                if uri in wanted and uri not in found:
                    new = snapshots.corrected_name(entry, self.stamp)
                    self._write(uri, new)
                    found[uri] = copy(entry)
                    found[uri].data_file = parquet_file_to_data_file(self.table.io, self.table.metadata, new)
        return found

    def _write(self, before: str, new: str) -> None:
        with RowFile(_schema(self.table, before)) as file:
            for batch in batches(self.table, before):
                file.write(reading.as_schema(batch.filter(pa.array(~self.mask(batch))), file.schema))
            storage.put(new, file.finished())

    def _new_manifests(self, files: Mapping[str, ManifestEntry]) -> dict[str, ManifestFile | None]:
        """Write the manifests that name a replaced file; return them by the address before. None has no file left."""
        found: dict[str, ManifestFile | None] = {}
        for number, manifest in enumerate(all_manifests(self.table)):
            entries = manifest.fetch_manifest_entry(self.table.io, discard_deleted=False)
            if any(entry.data_file.file_path in files for entry in entries):
                uri = f"{locations.table(self.use_case.name)}/metadata/{self.stamp}-m{number}.avro"
                found[manifest.manifest_path] = self._manifest(manifest, _replaced(entries, files), uri)
        return found

    def _manifest(self, before: ManifestFile, entries: Sequence[ManifestEntry], uri: str) -> ManifestFile | None:
        if not entries:
            return None
        spec = self.table.specs()[before.partition_spec_id]
        version, snapshot = self.table.metadata.format_version, before.added_snapshot_id or 0
        output = self.table.io.new_output(uri)
        with write_manifest(version, spec, self.table.schema(), output, snapshot, "deflate") as writer:
            for entry in entries:
                writer.add_entry(entry)
        new = writer.to_manifest_file()
        new.sequence_number, new.min_sequence_number = before.sequence_number, before.min_sequence_number
        return new

    def _new_list(self, snapshot: Snapshot, manifests: Mapping[str, ManifestFile | None]) -> list[ManifestFile] | None:
        """The manifests of a snapshot without the rows; None if nothing of it changes."""
        before = snapshot.manifests(self.table.io)
        if not any(each.manifest_path in manifests for each in before):
            return None
        return [new for each in before if (new := manifests.get(each.manifest_path, each))]

    def _write_list(self, snapshot: Snapshot, manifests: Sequence[ManifestFile]) -> None:
        output = _Replacing(self.table.io.new_output(snapshot.manifest_list))
        version = self.table.metadata.format_version
        numbers = snapshot.snapshot_id, snapshot.parent_snapshot_id, snapshot.sequence_number
        with write_manifest_list(version, output, *numbers, "deflate") as writer:  # type: ignore[arg-type]
            writer.add_manifests(list(manifests))

    def _counted(self, snapshot: Snapshot, manifests: Sequence[ManifestFile] | None) -> Snapshot:
        """The snapshot with the counts and the digest of the rows that are left."""
        properties = VersionProperties.of(snapshot)
        if properties is None or manifests is None:
            return snapshot
        entries = [entry for manifest in manifests for entry in manifest.fetch_manifest_entry(self.table.io)]
        entries.sort(key=lambda entry: (snapshots.commit_of(entry), entry.data_file.file_path))
        with TemporaryDirectory(prefix="vishwaops-rows-") as folder:
            rows = reading.rows_of(self.table, snapshot, properties, [each.data_file for each in entries], Path(folder))
            left, malformed, digest = _figures(self.use_case, rows)
        total = properties.rows + properties.malformed + properties.forgotten
        new = replace(
            properties,
            rows=left - malformed,
            malformed=malformed,
            forgotten=total - left,
            left_digest=digest if properties.position is None else None,
        )
        return _with_properties(snapshot, new, left)


class _Replacing:
    """An output that may exist: the manifest list of a snapshot keeps its address."""

    def __init__(self, output: object) -> None:
        self._output = output

    def create(self, overwrite: bool = False) -> object:
        """Open the object for writing."""
        return self._output.create(overwrite=True)  # type: ignore[attr-defined]

    def __getattr__(self, name: str) -> object:
        return getattr(self._output, name)


def _figures(use_case: UseCase, rows: reading.Rows) -> tuple[int, int, str]:
    """Return the number of rows, how many of them are malformed, and the digest of all."""
    digest, malformed = digests.RowDigest(pa.schema([f for f in rows.schema if f.name not in NOT_DIGESTED])), 0
    for batch in rows.iter_batches():
        malformed += len(batch) - batch.column(MALFORMED).null_count
        digest.update(batch.drop_columns(list(NOT_DIGESTED)))
    return rows.rows, malformed, dataset_digest(digest.hexdigest(), described_schema(use_case))


def _with_properties(snapshot: Snapshot, properties: VersionProperties, rows: int) -> Snapshot:
    summary = snapshot.summary
    if summary is None:
        return snapshot
    others = {name: text for name, text in summary.additional_properties.items() if not name.startswith(PREFIX)}
    counts = {"total-records": str(rows)} if "total-records" in others else {}
    new = type(summary)(summary.operation, **{**others, **counts, **properties.written()})
    return snapshot.model_copy(update={"summary": new})


def _with_release(snapshot: Snapshot, release: str | None) -> Snapshot:
    properties = VersionProperties.of(snapshot)
    if release is None or properties is None or properties.corrections is None:
        return snapshot
    return _with_properties(snapshot, replace(properties, corrections=release), _rows_of(properties))


def _rows_of(properties: VersionProperties) -> int:
    return properties.rows + properties.malformed


def _removed(before: Sequence[Snapshot], after: Sequence[Snapshot]) -> dict[str, int]:
    pairs = ((VersionProperties.of(old), VersionProperties.of(new)) for old, new in zip(before, after, strict=True))
    return {
        new.digest: new.forgotten - old.forgotten for old, new in pairs if old and new and new.forgotten > old.forgotten
    }


def _replaced(entries: Sequence[ManifestEntry], files: Mapping[str, ManifestEntry]) -> list[ManifestEntry]:
    """The entries with the new files. An entry of a file that a commit removed is left out: it has its statistics."""
    found = []
    for entry in entries:
        new = files.get(entry.data_file.file_path)
        if new is None:
            found.append(entry)
        elif entry.status != ManifestEntryStatus.DELETED:
            found.append(
                ManifestEntry.from_args(
                    status=entry.status,
                    snapshot_id=entry.snapshot_id,
                    sequence_number=entry.sequence_number,
                    file_sequence_number=entry.file_sequence_number,
                    data_file=new.data_file,
                )
            )
    return found


def _schema(table: Table, uri: str) -> pa.Schema:
    with stored_rows.opened(uri) as file:
        return file_schema(table.schema(), column_names(table, file.schema_arrow))
