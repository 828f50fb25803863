"""Rows in several Parquet files of one folder, each with a limited number of rows, so that jobs and stages read a part.

The files are `part-00000.parquet`, `part-00001.parquet` and so on. All Parquet files of a folder, in the order of their
names, are its rows.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import IO, Self

import pyarrow as pa

from tasks import storage
from tasks.rows import stored_rows
from tasks.rows.stored_rows import RowFile

SHARD_ROWS = 500_000


class Shards:
    """Temporary Parquet files of at most `limit` rows each, to which batches are added. Closing deletes them."""

    def __init__(self, schema: pa.Schema, limit: int | None = None) -> None:
        self.schema, self._limit = schema, limit or SHARD_ROWS
        self._opened = ExitStack()
        self._files = [self._next()]

    def _next(self) -> RowFile:
        return self._opened.enter_context(RowFile(self.schema))

    @property
    def rows(self) -> int:
        """The number of rows."""
        return sum(file.rows for file in self._files)

    def write(self, batch: pa.RecordBatch) -> None:
        """Add the rows of a batch of the schema."""
        while len(batch):
            if self._files[-1].rows == self._limit:
                self._files.append(self._next())
            fitting = batch.slice(0, self._limit - self._files[-1].rows)
            self._files[-1].write(fitting)
            batch = batch.slice(len(fitting))

    def finished(self) -> dict[str, IO[bytes]]:
        """Return the complete files by name. No more rows can be added."""
        return {stored_rows.part_name(number): file.finished() for number, file in enumerate(self._files)}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self._opened.close()


def batches(
    folder: str, columns: Sequence[str] | None = None, size: int = stored_rows.BATCH_ROWS
) -> Iterator[pa.RecordBatch]:
    """Read the `columns` (by default all) of the Parquet files in `folder`, in batches of at most `size` rows.

    One file at a time is on this machine. Raises FileNotFoundError when the folder has none.
    """
    names = sorted(name for name in storage.names(folder) if name.endswith(".parquet"))
    if not names:
        raise FileNotFoundError(f"{folder}: expected Parquet files, found none")
    for name in names:
        with stored_rows.opened(f"{folder}/{name}") as file:
            yield from file.iter_batches(size, columns=list(columns) if columns is not None else None)
