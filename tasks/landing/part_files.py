"""Rows in Parquet part files in S3, encoded and uploaded while the next rows are read."""

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import IO, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tasks import storage
from tasks.rows.stored_rows import part_name
from tasks.temporary_files import temporary_file

GROUP_ROWS, LEAST_GROUP_ROWS = 1 << 16, 1 << 10
GROUP_CELLS = 1 << 22
"""The largest number of cells in a row group. A wide table has fewer rows in a group, so that memory is bounded."""
PART_GROUPS = 4
COMPRESSION = "zstd"
SAMPLE_ROWS, FEW_VALUES = 1 << 12, 0.7
"""A dictionary pays for a column with up to this share of distinct values among a part's first rows."""
GROUPS_AHEAD = 1
"""Row groups that wait for their encoding."""
UPLOADS = 2
"""Parts that are uploaded at the same time."""


class PartFiles:
    """Part files below a prefix, to which batches are added in order. Leaving it before `finished` deletes them.

    The numbers of rows in a row group and in a part depend only on the number of columns: equal rows are equal files,
    whatever the sizes of the batches are.
    """

    def __init__(self, prefix: str, schema: pa.Schema) -> None:
        self._schema = schema
        self._group_rows = group_rows(len(schema))
        self._pending: list[pa.RecordBatch] = []
        self._rows = 0
        """The number of pending rows, fewer than in a row group."""
        self._parts = _Parts(prefix, schema)
        self._encoder = ThreadPoolExecutor(1, "encode")
        self._encoding: deque[Future[None]] = deque()
        self._finished = False

    def write(self, batch: pa.RecordBatch) -> None:
        """Add the rows of a batch. Raises the errors of earlier uploads."""
        while len(batch):
            taken = batch.slice(0, self._group_rows - self._rows)
            self._pending.append(taken)
            self._rows += len(taken)
            batch = batch.slice(len(taken))
            if self._rows == self._group_rows:
                self._encode()

    def finished(self) -> list[str]:
        """Wait for the last part, and return the addresses of all parts, in order. Raises the errors of uploads."""
        if self._rows:
            self._encode()
        while self._encoding:
            self._encoding.popleft().result()
        files = self._parts.finished()
        self._finished = True
        return files

    def _encode(self) -> None:
        arrays = [batch.columns for batch in self._pending]
        group = pa.Table.from_batches([pa.RecordBatch.from_arrays(each, schema=self._schema) for each in arrays])
        self._pending, self._rows = [], 0
        # Texts in one chunk: of long ones, the pages of a file depend on the chunks.
        columns = [column.combine_chunks() if pa.types.is_string(column.type) else column for column in group.columns]
        group = pa.Table.from_arrays(columns, schema=self._schema)
        self._encoding.append(self._encoder.submit(self._parts.add, group))
        if len(self._encoding) > GROUPS_AHEAD:
            self._encoding.popleft().result()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._encoder.shutdown(cancel_futures=True)
        self._parts.close(keep=self._finished)


class _Parts:
    """Writes row groups to parts, in one thread, and uploads complete parts in others."""

    def __init__(self, prefix: str, schema: pa.Schema) -> None:
        self._prefix, self._schema = prefix, schema
        self._open: _Part | None = None
        self._uploader = ThreadPoolExecutor(UPLOADS, "upload")
        self._uploads: list[Future[str]] = []

    def add(self, group: pa.Table) -> None:
        """Add a row group."""
        part = self._open = self._open or _Part(self._schema, repetitive(group))
        part.add(group)
        if part.groups == PART_GROUPS:
            self._upload(part)

    def finished(self) -> list[str]:
        """Upload the last part, and return the addresses of all parts."""
        if self._open:
            self._upload(self._open)
        return [upload.result() for upload in self._uploads]

    def _upload(self, part: "_Part") -> None:
        self._open = None
        uri = f"{self._prefix}/{part_name(len(self._uploads))}"
        self._uploads.append(self._uploader.submit(_put, uri, part.finished()))
        if len(self._uploads) > UPLOADS:
            self._uploads[-UPLOADS - 1].result()

    def close(self, *, keep: bool) -> None:
        """End the uploads; unless `keep`, delete what is uploaded."""
        self._uploader.shutdown(cancel_futures=not keep)
        if self._open:
            self._open.finished().close()
        if not keep:
            done = [upload for upload in self._uploads if not upload.cancelled() and not upload.exception()]
            storage.delete([upload.result() for upload in done])


class _Part:
    """A temporary Parquet file."""

    def __init__(self, schema: pa.Schema, dictionaries: list[str]) -> None:
        """`dictionaries` are the columns that are encoded with a dictionary of their values."""
        self.groups = 0
        self._file = temporary_file()
        self._writer = pq.ParquetWriter(
            self._file, schema, compression=COMPRESSION, use_dictionary=dictionaries, store_schema=False
        )

    def add(self, group: pa.Table) -> None:
        """Add a row group."""
        self._writer.write_table(group, row_group_size=len(group))
        self.groups += 1

    def finished(self) -> IO[bytes]:
        """Return the complete file."""
        self._writer.close()
        return self._file


def group_rows(columns: int) -> int:
    """Return the number of rows in a row group of a table with so many columns."""
    fitting = GROUP_CELLS // max(columns, 1)
    return max(LEAST_GROUP_ROWS, min(GROUP_ROWS, 1 << max(fitting.bit_length() - 1, 0)))


def repetitive(group: pa.Table) -> list[str]:
    """Return the columns that a dictionary makes smaller and faster to write: texts, and columns with few values."""
    some = group.slice(0, SAMPLE_ROWS)
    return [
        field.name
        for field, values in zip(some.schema, some.columns, strict=True)
        if pa.types.is_string(field.type) or pc.count_distinct(values).as_py() <= FEW_VALUES * len(some)
    ]


def _put(uri: str, file: IO[bytes]) -> str:
    with file:
        file.seek(0)
        storage.put(uri, file)
    return uri
