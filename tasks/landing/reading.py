"""Reads the rows of a dataset version from the files of its snapshot."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.manifest import DataFile
from pyiceberg.table import Table
from pyiceberg.table.snapshots import Snapshot

from config.errors import MissingInput
from tasks import storage
from tasks.landing import snapshots
from tasks.landing.columns import FIELD_ID, KINDS, kind_of
from tasks.landing.properties import VersionProperties
from tasks.landing.table import find_table
from tasks.references import DatasetVersion
from tasks.rows import stored_rows

PARALLEL_DOWNLOADS = 4


class Rows:
    """The rows of a version, in order. Its files are downloaded when they are needed."""

    def __init__(
        self, files: Sequence[str], file_rows: Sequence[int], schema: pa.Schema, ids: Sequence[int], folder: Path
    ) -> None:
        self.files = list(files)
        """The addresses of the Parquet files, in the order of their rows."""
        self.file_rows = list(file_rows)
        """The number of rows of each file."""
        self.schema = schema
        """Of every batch, with pandas's types."""
        self.rows = sum(file_rows)
        """The number of rows, with malformed ones."""
        self._ids = dict(zip(schema.names, ids, strict=True))
        self._folder = folder

    def iter_batches(
        self, rows: int = stored_rows.BATCH_ROWS, columns: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield batches of at most `rows` rows, with all columns or those named."""
        for number in range(len(self.files)):
            yield from self.batches_of(number, rows, columns)

    def batches_of(
        self, number: int, rows: int = stored_rows.BATCH_ROWS, columns: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield batches of one file, by its number in `files`."""
        yield from self._conformed(pq.ParquetFile(self._local(number)), rows, columns)

    def read(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Return all rows."""
        return pa.Table.from_batches(self.iter_batches(columns=columns), self._schema(columns))

    def download(self) -> list[Path]:
        """Return local files, in order, each with exactly the version's columns and types; one at least."""
        with ThreadPoolExecutor(PARALLEL_DOWNLOADS) as pool:
            paths = list(pool.map(self._downloaded, range(len(self.files))))
        if not paths:
            paths = [self._folder / "none.parquet"]
            pq.write_table(self.schema.empty_table(), paths[0])
        return paths

    def _downloaded(self, number: int) -> Path:
        path = self._local(number)
        file = pq.ParquetFile(path)
        if _plain(file.schema_arrow) == _plain(self.schema):
            return path
        conformed = path.with_suffix(".conformed.parquet")
        with pq.ParquetWriter(conformed, self.schema, compression="zstd") as writer:
            for batch in self._conformed(file, stored_rows.BATCH_ROWS, None):
                writer.write_batch(batch)
        return conformed

    def _local(self, number: int) -> Path:
        path = self._folder / f"{number:05d}.parquet"
        if not path.exists():
            part = path.with_suffix(".part")
            storage.download(self.files[number], part)
            part.rename(path)
        return path

    def _schema(self, columns: Sequence[str] | None) -> pa.Schema:
        return self.schema if columns is None else stored_rows.only(self.schema, columns)

    def _conformed(self, file: pq.ParquetFile, rows: int, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        schema = self._schema(columns)
        names = _names_by_id(file.schema_arrow)
        wanted = {name: names[self._ids[name]] for name in schema.names if self._ids[name] in names}
        for batch in file.iter_batches(rows, columns=list(wanted.values())):
            yield as_schema(batch.rename_columns(_back(batch.schema.names, wanted)), schema)


def as_schema(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Return the batch with the schema's columns and types. Columns that it lacks are null."""
    columns = [
        batch[field.name].cast(field.type) if field.name in batch.schema.names else pa.nulls(len(batch), field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _back(found: Sequence[str], wanted: Mapping[str, str]) -> list[str]:
    names = {there: name for name, there in wanted.items()}
    return [names[name] for name in found]


def _names_by_id(schema: pa.Schema) -> dict[int, str]:
    return {int((field.metadata or {})[FIELD_ID]): field.name for field in schema}


def _plain(schema: pa.Schema) -> list[tuple[str, pa.DataType]]:
    return [(field.name, field.type) for field in schema]


@contextmanager
def opened(dataset: DatasetVersion) -> Iterator[Rows]:
    """Open a version for reading, repeatedly if needed. Raises MissingInput when it has been deleted."""
    table = find_table(dataset.use_case)
    snapshot = table.snapshot_by_id(dataset.snapshot) if table else None
    properties = VersionProperties.of(snapshot) if snapshot else None
    if table is None or snapshot is None or properties is None:
        raise MissingInput(
            f"{dataset.table}: expected version {dataset.digest} (snapshot {dataset.snapshot}), found no such "
            f"snapshot: it has been deleted. Land it again: vishwaops run ingest --use-case {dataset.use_case}"
        )
    with TemporaryDirectory(prefix="vishwaops-rows-") as folder:
        yield rows_of(table, snapshot, properties, snapshots.files_of(table, snapshot), Path(folder))


def rows_of(
    table: Table, snapshot: Snapshot, properties: VersionProperties, files: Sequence[DataFile], folder: Path
) -> Rows:
    """Return the rows of a version in these files, which are downloaded to a folder."""
    known = table.schemas()[table.schema().schema_id if snapshot.schema_id is None else snapshot.schema_id]
    fields = [known.find_field(name) for name in properties.columns]
    schema = stored_rows.schema_of({field.name: KINDS[kind_of(field.field_type)][2] for field in fields})
    paths, counts = [file.file_path for file in files], [file.record_count for file in files]
    return Rows(paths, counts, schema, [field.field_id for field in fields], folder)


@contextmanager
def downloaded(dataset: DatasetVersion) -> Iterator[list[Path]]:
    """Download a version's files, in the order of their rows, for engines that read local Parquet files.

    Each has exactly the version's columns, names and types. They are deleted afterwards. Raises MissingInput as
    `opened`.
    """
    with opened(dataset) as rows:
        yield rows.download()
