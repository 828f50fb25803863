"""Bodies of every media type, sound and damaged, with Accept headers of every kind: strategies of hypothesis."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from tests.fuzz.request_cases import CSV, JSON, NAMES, Case

Rows = list[dict[str, Any]]
Encode = Callable[[st.DrawFn, Rows], bytes]

JSON_LINES = "application/jsonlines"
PARQUET = "application/vnd.apache.parquet"
ARROW_STREAM, ARROW_FILE = "application/vnd.apache.arrow.stream", "application/vnd.apache.arrow.file"
ACCEPTS = [
    "", "*/*", JSON, CSV, JSON_LINES, ARROW_STREAM, f"{JSON}; on_error=row", f"{CSV};on_error=row",
    f"{ARROW_STREAM}; on_error=row; version=true", f"{JSON}; reasons=2", f"{ARROW_STREAM}; reasons=9; on_error=row",
    f"{JSON_LINES}; on_error=row; reasons=1; version=true", "application/*, text/csv;q=0.5", "text/*;q=0.2, */*;q=0.1",
]  # fmt: skip
ODD_ACCEPTS = [
    "text/html", ",", ";;;", "*", "*/", "/", f"{JSON}; reasons=-1", f"{JSON}; reasons=99999999999", f"{JSON}; on_error",
    f"{JSON}; intervals=1",
    f"{JSON}; on_error=;", f"{JSON};q=2", f"{JSON};q=0", f"{JSON}; version=maybe", f"{JSON};" + "a=b;" * 2_000,
    '"' * 100, f'{CSV}; charset="utf-8', f"{JSON}; charset=utf-16", "a/b," * 2_000, "\xff/\xfe", f"{JSON}\x01",
]  # fmt: skip
ODD_TYPES = [
    "", "/", "text/csv/", "application/octet-stream", f"{JSON};charset=utf-16", f"{CSV}; header=absent", "a" * 3_000,
    f"{PARQUET}; charset=utf-8", f"{JSON};" + ";" * 2_000, f'{JSON}; charset="', "\xff", "multipart/form-data",
    "application/x-npy", "application/x-recordio-protobuf", "*/*",
]  # fmt: skip


@dataclass(frozen=True)
class Damaged:
    """A request that may be answered or refused."""

    kind: str
    body: bytes
    content_type: str
    accept: str


_row = st.fixed_dictionaries(
    {
        "age": st.integers(10, 30),
        "hours": st.one_of(st.none(), st.floats(-1e6, 1e6), st.integers(-1000, 1000).map(float)),
        "colour": st.sampled_from(["green", "red", None]),
        "origin": st.sampled_from(["no", "yes"]),
    }
)


def _json(draw: st.DrawFn, rows: Rows) -> bytes:
    return json.dumps({"instances": rows}, indent=draw(st.sampled_from([None, 1]))).encode()


def _json_lines(draw: st.DrawFn, rows: Rows) -> bytes:
    end = draw(st.sampled_from(["\n", "\r\n"]))
    return (end.join(map(json.dumps, rows)) + draw(st.sampled_from(["", end]))).encode()


def _csv(draw: st.DrawFn, rows: Rows) -> bytes:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, NAMES, lineterminator=draw(st.sampled_from(["\n", "\r\n"])))
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode()


def _table(draw: st.DrawFn, rows: Rows) -> pa.Table:
    """The rows as a table of any of the types that hold them, sometimes with a column of another kind."""
    numbers = all(row["hours"] is None or row["hours"] == int(row["hours"]) for row in rows)
    types = {
        "age": st.sampled_from([pa.int64(), pa.int32(), pa.uint8(), pa.float64(), pa.string()]),
        "hours": st.sampled_from([pa.float64(), pa.float64(), pa.int32() if numbers else pa.float64()]),
        "colour": st.sampled_from([pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())]),
        "origin": st.sampled_from([pa.string(), pa.dictionary(pa.int8(), pa.string())]),
    }
    columns = {}
    for name in draw(st.permutations(NAMES)):
        values, type = [row[name] for row in rows], draw(types[name])
        columns[name] = pa.array(map(str, values) if (name, type) == ("age", pa.string()) else values).cast(type)
    if draw(st.booleans()):
        other = draw(st.sampled_from([[1], {"a": [None]}, b"\xff", True, 1.5]))
        columns["note"] = pa.array([other] * len(rows))
    return pa.table(columns)


def _parquet(draw: st.DrawFn, rows: Rows) -> bytes:
    sink = io.BytesIO()
    compression = draw(st.sampled_from(["none", "snappy", "gzip", "zstd"]))
    dictionary, version = draw(st.booleans()), draw(st.sampled_from(["1.0", "2.0"]))
    pq.write_table(
        _table(draw, rows), sink, compression=compression, use_dictionary=dictionary, data_page_version=version,
        row_group_size=draw(st.integers(1, 5)),
    )  # fmt: skip
    return sink.getvalue()


def _arrow(new: Callable[..., Any]) -> Encode:
    def encode(draw: st.DrawFn, rows: Rows) -> bytes:
        table, sink = _table(draw, rows), io.BytesIO()
        options = pa.ipc.IpcWriteOptions(compression=draw(st.sampled_from([None, "lz4", "zstd"])))
        with new(sink, table.schema, options=options) as writer:
            writer.write_table(table, max_chunksize=draw(st.integers(1, 5)) if new is pa.ipc.new_stream else None)
        return sink.getvalue()

    return encode


ENCODERS: dict[str, Encode] = {
    JSON: _json, CSV: _csv, JSON_LINES: _json_lines, PARQUET: _parquet, "application/x-parquet": _parquet,
    ARROW_STREAM: _arrow(pa.ipc.new_stream), ARROW_FILE: _arrow(pa.ipc.new_file),
}  # fmt: skip


@st.composite
def sound_bodies(draw: st.DrawFn) -> Case:
    """Rows that fit, in every media type and in every way to encode them."""
    kind, rows = draw(st.sampled_from(sorted(ENCODERS))), draw(st.lists(_row, min_size=1, max_size=6))
    return Case(f"sound {kind.split('/')[1]}", ENCODERS[kind](draw, rows), kind, rows)


@st.composite
def damaged_bodies(draw: st.DrawFn) -> Damaged:
    """A sound body that was changed anywhere, or goes with another media type, or with an odd Accept header."""
    case = draw(sound_bodies())
    body, kind, accept = case.body, case.content_type, draw(st.sampled_from(ACCEPTS))
    how = draw(st.sampled_from(["bytes", "bytes", "bytes", "another type", "odd type", "odd accept", "wrong rows"]))
    if how == "bytes":
        for _ in range(draw(st.integers(1, 3))):
            body = draw(st.sampled_from(CHANGES))(draw, body)
    if how == "another type":
        kind = draw(st.sampled_from(sorted(ENCODERS)))
    if how == "odd type":
        kind = draw(st.one_of(st.sampled_from(ODD_TYPES), _header))
    if how == "odd accept":
        accept = draw(st.one_of(st.sampled_from(ODD_ACCEPTS), _header))
    if how == "wrong rows":
        body = ENCODERS[kind](draw, [{**row, draw(st.sampled_from(NAMES)): None} for row in case.rows or []])
    return Damaged(f"{how}: {case.content_type.split('/')[1]}", body, kind, accept)


_header = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60).map(
    str.strip
)


def _flipped(draw: st.DrawFn, body: bytes) -> bytes:
    at = _place(draw, body)
    return body[:at] + bytes([body[at] ^ (1 << draw(st.integers(0, 7)))]) + body[at + 1 :] if body else b""


def _overwritten(draw: st.DrawFn, body: bytes) -> bytes:
    """Lengths, offsets and counts are 32 or 64 bits: extreme values in their place."""
    at = _place(draw, body)
    number = draw(st.sampled_from([0, 1, 2**31 - 1, 2**31, 2**32 - 1, 0xFFFFFF]))
    size = draw(st.sampled_from([4, 8]))
    return body[:at] + number.to_bytes(size, "little") + body[at + size :]


def _cut(draw: st.DrawFn, body: bytes) -> bytes:
    return body[: _place(draw, body)]


def _without(draw: st.DrawFn, body: bytes) -> bytes:
    at = _place(draw, body)
    return body[:at] + body[at + draw(st.integers(1, 40)) :]


def _with_more(draw: st.DrawFn, body: bytes) -> bytes:
    at = _place(draw, body)
    return body[:at] + draw(st.one_of(st.binary(max_size=20), st.sampled_from([b"\x00" * 64, b"\xff" * 8]))) + body[at:]


def _repeated(draw: st.DrawFn, body: bytes) -> bytes:
    at, size = _place(draw, body), draw(st.integers(1, 100))
    return body[:at] + body[at : at + size] * draw(st.integers(2, 30)) + body[at + size :]


def _twice(draw: st.DrawFn, body: bytes) -> bytes:
    return body + body


CHANGES = [_flipped, _flipped, _overwritten, _cut, _without, _with_more, _repeated, _twice]


def _place(draw: st.DrawFn, body: bytes) -> int:
    return draw(st.integers(0, max(0, len(body) - 1)))
