"""Batches of a source's rows, untyped: the cells, and the reserved columns after them."""

import numpy as np
import pyarrow as pa

from tabular import plain_columns
from tabular.delimited_batches import Batch

FILE_COLUMN, LINE_COLUMN, REASON_COLUMN, TEXT_COLUMN = "__file__", "__line__", "__malformed__", "__text__"
"""The names of the last four columns of every batch. A file cannot have columns with these names. See RESERVED."""
RESERVED = pa.schema(
    [
        pa.field(FILE_COLUMN, pa.large_string()),
        pa.field(LINE_COLUMN, pa.int64()),
        pa.field(REASON_COLUMN, pa.large_string()),
        pa.field(TEXT_COLUMN, pa.large_string()),
    ]
)
"""The file of a row, without secrets, null for a source of one file or none; the line of the file on which the row
begins, from 1, null for a source without lines; why a row is malformed, null for other rows; and the text of a
malformed row, whose cells are all null."""


def with_reserved(
    batch: pa.RecordBatch,
    lines: pa.Array | None = None,
    reasons: pa.Array | None = None,
    texts: pa.Array | None = None,
    files: pa.Array | None = None,
) -> pa.RecordBatch:
    """Return the (n, columns) batch with the reserved columns, null unless given."""
    given = zip(RESERVED, (files, lines, reasons, texts), strict=True)
    columns = [pa.nulls(len(batch), field.type) if values is None else values for field, values in given]
    schema = pa.schema([*batch.schema, *RESERVED])
    return pa.RecordBatch.from_arrays([*batch.columns, *columns], schema=schema)


def headers_of(schema: pa.Schema) -> list[str]:
    """Return the names of a batch's columns in the source."""
    return [name for name in schema.names if name not in RESERVED.names]


def of_delimited(batch: Batch) -> pa.RecordBatch:
    """Return the well-formed and malformed rows of a delimited file, in the order of their lines."""
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
