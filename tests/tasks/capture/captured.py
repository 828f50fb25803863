"""Captured requests as SageMaker writes them: answered by a real model, in the offline cloud's layout."""

import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from config.use_case import UseCase
from sagemaker_local.data_capture import Captured
from serving.answer import answer
from serving.media_types import ARROW_STREAM, CSV, JSON, JSON_LINES, PARQUET
from tasks import locations, storage
from tasks.platform import platform
from tasks.sagemaker.data_capture import AS_TEXT
from tests.scripts.models import COLUMNS, served_model
from tests.use_cases import small_use_case

HOUR = datetime(2026, 11, 27, 9, tzinfo=UTC)
HOSTED = "small-one-v3-abc123"
FEATURES = ["age", "hours", "colour", "origin"]
CONFIG = {
    "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
    "CaptureContentTypeHeader": AS_TEXT,
}
Row = Mapping[str, Any]


def case(**changes: Any) -> UseCase:
    """The use case of the small model, on instances."""
    plain: dict[str, Any] = {"columns": COLUMNS, "features": FEATURES, "hosting": {"kind": "instances"}}
    return small_use_case(**{**plain, **changes})


def row(number: int) -> Row:
    """A row that fits."""
    colour = ("red", "green", None)[number % 3]
    return {"age": 10 + number % 21, "hours": number % 40 + 0.5, "colour": colour, "origin": ("no", "yes")[number % 2]}


def body_of(rows: Sequence[Row], content_type: str) -> bytes:
    """The rows in the format of a content type."""
    if content_type == JSON:
        return json.dumps({"instances": list(rows)}).encode()
    if content_type == JSON_LINES:
        return "\n".join(map(json.dumps, rows)).encode()
    table, sink = pa.Table.from_pylist([dict(row) for row in rows]), io.BytesIO()
    if content_type == PARQUET:
        pq.write_table(table, sink)
    elif content_type == ARROW_STREAM:
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
    else:
        lines = [",".join("" if row[name] is None else str(row[name]) for name in FEATURES) for row in rows]
        return "\n".join([",".join(FEATURES), *lines]).encode()
    return sink.getvalue()


def line(
    body: bytes, content_type: str = JSON, accept: str = JSON, *, inference_id: str | None = None, minute: int = 0
) -> str:
    """The line of a request that the small model answers, in the layout of data capture."""
    found = answer(served_model(), body, content_type, accept)
    moment = HOUR.replace(minute=minute)
    own = (content_type, found.body, f"{found.content_type}; charset=utf-8", None, inference_id)
    return Captured(CONFIG, "e", "v", moment, body, *own).line()


def one(number: int, **named: Any) -> str:
    """The line of a request with one row."""
    return line(body_of([row(number)], JSON), **named)


def put(
    lines: Sequence[str],
    name: str,
    hour: int = 9,
    folder: str = HOSTED,
    variant: str = "",
    use_case: str = "small_one",
) -> None:
    """Write a capture file of an hour of 27 November 2026."""
    place = f"{folder}/e/{variant or platform().variant}/2026/11/27/{hour:02d}"
    put_file(lines, f"{place}/{name}.jsonl", use_case)


def put_file(lines: Sequence[str], name: str, use_case: str = "small_one") -> None:
    """Write a capture file."""
    storage.put(f"{locations.capture(use_case)}/{name}", "".join(f"{each}\n" for each in lines).encode())


ACCEPTED = (JSON, JSON_LINES, CSV, ARROW_STREAM)
SENT = (*ACCEPTED, PARQUET)
