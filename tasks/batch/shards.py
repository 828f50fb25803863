"""Rows to score as objects in S3: Parquet files that a model answers one by one, named by their content.

A run that is repeated makes the same files of the same rows, and finds those that are there.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from config.errors import InvalidRows
from tasks import digests, storage
from tasks.batch.waiting import Waiting
from tasks.model_contract import LINE
from tasks.rows.input_rows import INPUT_ROW

SHARD_ROWS = 25_000
UPLOADS = 2
"""The shards that are encoded and uploaded at the same time."""
CONTENT_TYPE = "application/vnd.apache.parquet"
_COUNTED = (INPUT_ROW, LINE)
"""The columns of ascending numbers, which deltas make small."""


class Shard(BaseModel):
    """One object of rows to score."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    """`<digest>.parquet`."""
    rows: int


class ShardWriter:
    """Writes the rows that it gets to shards of a folder, in their order."""

    def __init__(self, folder: str, schema: pa.Schema, limit: int, shard_rows: int) -> None:
        """`limit` is the most bytes of a shard, `shard_rows` the most rows."""
        self._folder, self._schema, self._limit, self._rows = folder, schema, limit, shard_rows
        self._pending: list[pa.RecordBatch] = []
        self._pending_rows = 0
        self._pool = ThreadPoolExecutor(UPLOADS, "shards")
        self._stored = Waiting[list[Shard]](UPLOADS)
        self._shards: list[Shard] = []

    def write(self, batch: pa.RecordBatch) -> None:
        """Add the rows of a batch of the schema."""
        while len(batch):
            fitting = batch.slice(0, self._rows - self._pending_rows)
            self._pending.append(fitting)
            self._pending_rows += len(fitting)
            batch = batch.slice(len(fitting))
            if self._pending_rows == self._rows:
                self._store()

    def finished(self) -> tuple[Shard, ...]:
        """Return all shards, in the order of their rows, when they are stored. No more rows can be added."""
        if self._pending:
            self._store()
        for shards in self._stored.rest():
            self._shards += shards
        return tuple(self._shards)

    def _store(self) -> None:
        rows = pa.Table.from_batches(self._pending, self._schema)
        self._pending, self._pending_rows = [], 0
        work: Future[list[Shard]] = self._pool.submit(copy_context().run, self._put, rows)
        for shards in self._stored.add(work):
            self._shards += shards

    def _put(self, rows: pa.Table) -> list[Shard]:
        return [self._put_one(content, count) for content, count in encoded(rows, self._limit)]

    def _put_one(self, content: bytes, rows: int) -> Shard:
        shard = Shard(name=f"{digests.of_bytes(content)}.parquet", rows=rows)
        uri = f"{self._folder}/{shard.name}"
        if not storage.exists(uri):
            storage.put(uri, content, CONTENT_TYPE)
        return shard

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self._pool.shutdown(cancel_futures=True)


def encoded(rows: pa.Table, limit: int) -> Iterator[tuple[bytes, int]]:
    """Yield the rows as Parquet files of at most `limit` bytes, each with its number of rows.

    Raises InvalidRows when one row alone is larger.
    """
    content = _parquet(rows)
    if len(content) <= limit:
        yield content, len(rows)
        return
    if len(rows) == 1:
        number = rows[INPUT_ROW][0].as_py()
        raise InvalidRows(
            f"row {number}: expected at most {limit:,} bytes as Parquet, found {len(content):,}. Raise "
            "`transform.max_payload_in_mb` of the profile, or leave the row out"
        )
    half = len(rows) // 2
    for part in (rows.slice(0, half), rows.slice(half)):
        yield from encoded(part, limit)


def _parquet(rows: pa.Table) -> bytes:
    buffer = pa.BufferOutputStream()
    others = [name for name in rows.schema.names if name not in _COUNTED]
    pq.write_table(
        rows,
        buffer,
        compression="zstd",
        use_dictionary=others,
        column_encoding=dict.fromkeys(_COUNTED, "DELTA_BINARY_PACKED"),
        write_statistics=False,
    )
    return bytes(buffer.getvalue())


def read_shard(content: bytes) -> pa.RecordBatch:
    """Return the rows of a shard."""
    return pq.read_table(pa.BufferReader(content), use_threads=False).combine_chunks().to_batches()[0]
