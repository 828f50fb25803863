"""Parquet objects: how many of a person's rows they have, and the same object without them."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tasks import digests, storage
from tasks.rows import stored_rows
from tasks.temporary_files import temporary_file

Mask = Callable[[pa.RecordBatch], np.ndarray]
"""Returns the (n,) mask of a person's rows of a batch."""


@dataclass(frozen=True)
class Removed:
    """What an object was rewritten to."""

    removed: int
    left: int
    """The number of rows that stay."""
    sha256: str


def matching(uri: str, mask: Mask) -> pa.Table | None:
    """Return the person's rows of a Parquet object; None if it has none."""
    with stored_rows.opened(uri) as file:
        found = [_chosen(batch, mask(batch)) for batch in _batches(file)]
    rows = [batch for batch in found if batch.num_rows]
    return pa.Table.from_batches(rows) if rows else None


def without(file: pq.ParquetFile, mask: Mask, into: IO[bytes]) -> tuple[int, int]:
    """Write a Parquet file without the person's rows; return how many were left out, and how many stay.

    The schema, with its metadata, and the row groups stay as they are.
    """
    schema, removed, left = file.schema_arrow, 0, 0
    with pq.ParquetWriter(into, schema, compression="zstd") as writer:
        for batch in _batches(file):
            gone = mask(batch)
            stays = _chosen(batch, ~gone)
            removed, left = removed + int(gone.sum()), left + stays.num_rows
            if stays.num_rows:
                writer.write_batch(stays)
    return removed, left


def rewrite(uri: str, mask: Mask) -> Removed:
    """Replace a Parquet object by one without the person's rows, in one write."""
    with stored_rows.opened(uri) as file, temporary_file() as new:
        removed, left = without(file, mask, new)
        sha256 = digests.of_file(new)
        if removed:
            storage.put(uri, new)
    return Removed(removed, left, sha256)


def of_bytes(content: bytes) -> pq.ParquetFile:
    """Return the Parquet file with this content."""
    return pq.ParquetFile(io.BytesIO(content))


def _batches(file: pq.ParquetFile) -> Iterator[pa.RecordBatch]:
    for batch in file.iter_batches(stored_rows.BATCH_ROWS):
        yield pa.RecordBatch.from_arrays(batch.columns, schema=file.schema_arrow)


def _chosen(batch: pa.RecordBatch, wanted: np.ndarray) -> pa.RecordBatch:
    return batch.filter(pa.array(wanted))
