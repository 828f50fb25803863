"""Writes rows to Parquet files of a folder in S3, each stored as soon as it is full: `part-00000.parquet` and so on."""

from typing import Self

import pyarrow as pa

from tasks import storage
from tasks.rows.shards import SHARD_ROWS
from tasks.rows.stored_rows import RowFile, part_name


class PartWriter:
    """The files of a folder, one of which is on this machine at a time."""

    def __init__(self, folder: str, schema: pa.Schema, part_rows: int | None = None) -> None:
        self.folder = folder
        self.rows = 0
        """The number of rows."""
        self._schema, self._limit = schema, part_rows or SHARD_ROWS
        self._file: RowFile | None = None
        self._parts = 0

    def write(self, batch: pa.RecordBatch) -> None:
        """Add the rows of a batch of the schema."""
        while len(batch):
            self._file = self._file or RowFile(self._schema)
            fitting = batch.slice(0, self._limit - self._file.rows)
            self._file.write(fitting)
            self.rows += len(fitting)
            batch = batch.slice(len(fitting))
            if self._file.rows == self._limit:
                self.finish()

    def finish(self) -> None:
        """Store the rows that are not stored yet."""
        if self._file is None:
            return
        storage.put(f"{self.folder}/{part_name(self._parts)}", self._file.finished())
        self._file.close()
        self._file, self._parts = None, self._parts + 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        if self._file:
            self._file.close()
