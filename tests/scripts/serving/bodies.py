"""Bodies of requests in each format."""

import io
import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from serving.media_types import ARROW_FILE, ARROW_STREAM, CSV, JSON, JSON_LINES, PARQUET


def table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(list(rows))


def arrow_stream(content: pa.Table, compression: str | None = None) -> bytes:
    stream = io.BytesIO()
    with pa.ipc.new_stream(stream, content.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as writer:
        writer.write_table(content)
    return stream.getvalue()


def arrow_file(content: pa.Table) -> bytes:
    file = io.BytesIO()
    with pa.ipc.new_file(file, content.schema) as writer:
        writer.write_table(content)
    return file.getvalue()


def parquet(content: pa.Table, **options: Any) -> bytes:
    file = io.BytesIO()
    pq.write_table(content, file, **options)
    return file.getvalue()


def csv_text(content: pa.Table) -> bytes:
    file = io.BytesIO()
    pyarrow.csv.write_csv(content, file)
    return file.getvalue()


def bodies(rows: Sequence[dict[str, Any]]) -> dict[str, bytes]:
    """The rows in every format, by media type."""
    content = table(rows)
    return {
        JSON: json.dumps({"instances": rows}).encode(),
        JSON_LINES: "\n".join(map(json.dumps, rows)).encode(),
        CSV: csv_text(content),
        PARQUET: parquet(content),
        ARROW_STREAM: arrow_stream(content),
        ARROW_FILE: arrow_file(content),
    }
