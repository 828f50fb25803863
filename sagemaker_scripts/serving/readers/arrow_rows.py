"""Reads rows of Arrow IPC: a stream, or a file, whose content is a stream between two marks."""

import struct
from collections.abc import Sequence

import pyarrow as pa

from serving.readers.arrow_cells import require_schema, rows_of
from serving.readers.ipc_messages import batch_sizes
from serving.readers.request_rows import RequestRows, require_bytes, require_row_count
from serving.readers.text import encoded
from serving.rejected import bad_request, unreadable
from tabular.columns import Column

FILE_MARK = b"ARROW1\0\0"
MOST_BATCHES = 1_000
"""The most batches and dictionaries of one request."""


def read(body: bytes | str, columns: Sequence[Column], most: int | None) -> RequestRows:
    """Read the rows of a body. Raises Rejected if it is not Arrow IPC, or its columns do not fit."""
    content = pa.py_buffer(encoded(body))
    if content.size >= len(FILE_MARK) and content[: len(FILE_MARK)].to_pybytes() == FILE_MARK:
        content = content[len(FILE_MARK) :]
    try:
        return rows_of(_batches(content, columns), columns)
    except (pa.ArrowException, ArithmeticError, LookupError, OSError, ValueError, struct.error) as error:
        raise unreadable("an Arrow IPC stream or file", error) from error


def _batches(content: pa.Buffer, columns: Sequence[Column]) -> list[pa.RecordBatch]:
    with pa.ipc.open_stream(content) as stream:
        places = require_schema(stream.schema, columns)
    _require_size(content)
    options = pa.ipc.IpcReadOptions(included_fields=places, use_threads=False)
    with pa.ipc.open_stream(content, options=options) as stream:
        return list(stream)


def _require_size(content: pa.Buffer) -> None:
    rows = decompressed = batches = 0
    for size in batch_sizes(content):
        rows, decompressed, batches = rows + size.rows, decompressed + size.decompressed, batches + 1
        if batches > MOST_BATCHES:
            raise bad_request(f"Body: expected at most {MOST_BATCHES:,} batches and dictionaries, found more")
    require_row_count(rows)
    require_bytes(decompressed)
