"""Reads delimited files as record batches of texts. Malformed rows keep their position."""

from collections.abc import Iterator, Sequence
from typing import IO

import numpy as np
import pyarrow as pa

from config.errors import SourceError
from tabular import delimited_batches, plain_columns
from tabular.formats import USUAL, Format, FormatError
from tabular.plain_columns import PlainColumns
from tasks.sources.preambles import SEARCHED_BYTES, skipping_hint
from tasks.sources.source import BATCH_ROWS, refuse_reserved, with_reserved


def read_batches(
    file: IO[bytes],
    address: str,
    format: Format = USUAL,
    headers: Sequence[str] = (),
    plain: PlainColumns | None = None,
) -> Iterator[pa.RecordBatch]:
    """Read a file from its beginning, in at least one batch. Every cell is a large_string, or one of `plain`.

    Raises SourceError when the file can't be read. The error suggests lines to skip when the header is further down.
    """
    head = file.read(SEARCHED_BYTES)
    file.seek(0)
    try:
        for number, batch in enumerate(delimited_batches.read_batches(file, format, BATCH_ROWS, plain)):
            if not number:
                _refuse_other_text(list(batch.columns), head, address, format, headers)
            yield _record_batch(batch)
    except FormatError as error:
        raise SourceError(f"{address}: {error}{skipping_hint(head, format, headers)}") from error


def _refuse_other_text(found: Sequence[str], head: bytes, address: str, format: Format, headers: Sequence[str]) -> None:
    refuse_reserved(found, address)
    if set(headers).isdisjoint(found) and (hint := skipping_hint(head, format, headers)):
        raise SourceError(f"{address}: expected the names of columns in its first line, found other text{hint}")


def _record_batch(batch: delimited_batches.Batch) -> pa.RecordBatch:
    """Return well-formed and malformed rows, in the order of their lines."""
    schema = pa.schema([plain_columns.field(name, cells) for name, cells in batch.columns.items()])
    cells = pa.RecordBatch.from_arrays(list(batch.columns.values()), schema=schema)
    lines = batch.lines
    if not batch.malformed:
        return with_reserved(cells, pa.array(lines))
    sound, malformed = len(lines), batch.malformed
    every = np.concatenate([lines, np.array([row.line for row in malformed], dtype="int64")])
    order = np.argsort(every, kind="stable")
    places = pa.array(order, mask=order >= sound)
    bad = pa.array(order - sound, mask=order < sound)
    reasons = pa.array([row.reason for row in malformed], pa.large_string())
    texts = pa.array([row.text for row in malformed], pa.large_string())
    return with_reserved(cells.take(places), pa.array(every[order]), reasons.take(bad), texts.take(bad))
