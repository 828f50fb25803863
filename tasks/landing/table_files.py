"""The files of a table: its manifests, the data files that they name, and the rows in these."""

from collections.abc import Iterator

import pyarrow as pa
from pyiceberg.manifest import ManifestFile
from pyiceberg.table import Table

from tasks import locations, storage
from tasks.landing.columns import FIELD_ID
from tasks.rows import stored_rows


def all_manifests(table: Table) -> list[ManifestFile]:
    """Return all manifests of a table, each once."""
    found = (manifest for each in table.snapshots() for manifest in each.manifests(table.io))
    return list({manifest.manifest_path: manifest for manifest in found}.values())


def files_in(table: Table, manifest: ManifestFile) -> set[str]:
    """Return the addresses of the data files that a manifest names, also of those that its commit removed."""
    entries = manifest.fetch_manifest_entry(table.io, discard_deleted=False)
    return {entry.data_file.file_path for entry in entries}


def manifest_at(uri: str) -> ManifestFile:
    """Return the manifest at an address that no list has."""
    return ManifestFile.from_args(
        manifest_path=uri, manifest_length=0, partition_spec_id=0, sequence_number=0, added_snapshot_id=0
    )


def data_files(use_case: str) -> list[str]:
    """Return the addresses of the data files below a table's folder, also of those that no snapshot has."""
    folder = locations.table(use_case)
    return [f"{folder}/{name}" for name in sorted(storage.names(folder)) if name.endswith(".parquet")]


def batches(table: Table, uri: str) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a data file, with the names that the table's columns have now."""
    with stored_rows.opened(uri) as file:
        known = column_names(table, file.schema_arrow)
        for batch in file.iter_batches(stored_rows.BATCH_ROWS):
            yield batch.rename_columns(known)


def column_names(table: Table, schema: pa.Schema) -> list[str]:
    """Return the names that the columns of a data file have in the table now."""
    ids = [(each.metadata or {}).get(FIELD_ID) for each in schema]
    return [
        each.name if number is None else table.schema().find_field(int(number)).name
        for each, number in zip(schema, ids, strict=True)
    ]
