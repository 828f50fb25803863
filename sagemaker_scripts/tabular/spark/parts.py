"""Writes typed rows as Parquet part files, one after another, so that one row group is in memory."""

import tempfile
from types import TracebackType
from typing import IO, Self

import pyarrow as pa
import pyarrow.parquet as pq

from tabular.spark import objects
from tabular.spark.ingest_job import PartSettings


class Parts:
    """The part files of one range. Their names are in the order of the ranges."""

    def __init__(self, prefix: str, schema: pa.Schema, settings: PartSettings) -> None:
        """`prefix` is the address up to the number of the part."""
        self.written: list[str] = []
        self._prefix, self._schema, self._settings = prefix, schema, settings
        self._pending: list[pa.RecordBatch] = []
        self._rows = self._groups = 0
        self._file: IO[bytes] | None = None
        self._writer: pq.ParquetWriter | None = None

    def write(self, batch: pa.RecordBatch) -> None:
        """Add the rows of a batch."""
        while len(batch):
            taken = batch.slice(0, self._settings.group_rows - self._rows)
            self._pending.append(taken)
            self._rows += len(taken)
            batch = batch.slice(len(taken))
            if self._rows == self._settings.group_rows:
                self._flush()

    def finished(self) -> list[str]:
        """Write the last rows, and return the addresses of all parts, in order."""
        self._flush()
        self._finish()
        return self.written

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.finished()
        elif self._writer and self._file:
            self._writer.close()
            self._file.close()

    def _flush(self) -> None:
        if not self._rows:
            return
        if self._writer is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115
            texts = [field.name for field in self._schema if pa.types.is_string(field.type)]
            self._writer = pq.ParquetWriter(
                self._file, self._schema, compression=self._settings.compression, use_dictionary=texts,
                store_schema=False,
            )  # fmt: skip
        self._writer.write_table(pa.Table.from_batches(self._pending, self._schema).combine_chunks())
        self._pending, self._rows, self._groups = [], 0, self._groups + 1
        if self._groups == self._settings.groups:
            self._finish()

    def _finish(self) -> None:
        if self._writer is None or self._file is None:
            return
        self._writer.close()
        uri = f"{self._prefix}-{len(self.written):05d}.parquet"
        with self._file as file:
            objects.put(uri, file)
        self.written.append(uri)
        self._writer, self._file, self._groups = None, None, 0
