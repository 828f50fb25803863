"""Rows in Parquet, written and read in record batches, so that only one batch is in memory."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Self

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tasks import storage
from tasks.temporary_files import temporary_file

BATCH_ROWS = 50_000


def schema_of(types: Mapping[str, str]) -> pa.Schema:
    """Return the Arrow schema of these pandas types. pandas reads the same types from it."""
    empty = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in types.items()})
    return pa.Schema.from_pandas(empty, preserve_index=False)


def only(schema: pa.Schema, columns: Sequence[str]) -> pa.Schema:
    """Return a schema with only these columns, in this order. pandas reads the same types from it."""
    return pa.schema([schema.field(name) for name in columns], schema.metadata)


class RowFile:
    """A temporary Parquet file to which batches are added. Closing deletes it."""

    def __init__(self, schema: pa.Schema) -> None:
        self.file: IO[bytes] = temporary_file()
        self.schema = schema
        self.rows = 0
        self._writer = pq.ParquetWriter(self.file, schema, compression="zstd")

    def write(self, batch: pa.RecordBatch) -> None:
        """Add the rows of a batch of the file's schema."""
        if len(batch):
            self._writer.write_batch(batch)
            self.rows += len(batch)

    def finished(self) -> IO[bytes]:
        """Return the complete file, at its beginning. No more rows can be added."""
        self._writer.close()
        self.file.seek(0)
        return self.file

    def close(self) -> None:
        """Delete the file."""
        self._writer.close()
        self.file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()


def part_name(number: int) -> str:
    """Return the name of a file of rows that are in several files, from number 0."""
    return f"part-{number:05}.parquet"


@contextmanager
def opened(uri: str) -> Iterator[pq.ParquetFile]:
    """Open an object for reading in batches, repeatedly if needed. Raises FileNotFoundError when it does not exist."""
    with storage.opened(uri) as file:
        yield pq.ParquetFile(file)


def frame_of(batch: pa.RecordBatch) -> pd.DataFrame:
    """Return the batch as a frame with the schema's pandas types."""
    return pa.Table.from_batches([batch]).to_pandas()


def batch_of(frame: pd.DataFrame, schema: pa.Schema) -> pa.RecordBatch:
    """Return the schema's columns of the frame as a batch."""
    table = pa.Table.from_pandas(frame, schema=schema, preserve_index=False).combine_chunks()
    return table.to_batches()[0] if table.num_rows else pa.RecordBatch.from_pylist([], schema=schema)
