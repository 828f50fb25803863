"""Converts the records of a stream to rows: one row for each record."""

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import pyarrow as pa

from config.sources.stream import StreamSource
from tabular.formats import Format
from tasks.sources.source import RESERVED, with_reserved

KEY, TIMESTAMP, PARTITION, OFFSET = METADATA = ("_key", "_timestamp", "_partition", "_offset")
"""The headers of columns that have what the stream knows of a record."""
KINDS: Mapping[type, str] = {dict: "an object", list: "a list"}
Cells = Sequence[str | None]


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a stream."""

    value: bytes | None
    key: bytes | None
    arrived: float | None
    """Seconds since 1970 at which it was written."""
    partition: str
    """Its shard or partition."""
    offset: str
    """Its place there: the sequence number, or the offset."""
    line: int | None = None
    """The offset as a number, where it fits 64 bits."""
    file: str = ""
    """The partition, as a row's file."""


class Malformed(ValueError):
    """A record is not a row. The message says what was expected and what was found."""


class RecordRows:
    """Converts the records of one stream. `headers` are those of the use case's columns, in order."""

    def __init__(self, source: StreamSource, headers: Sequence[str]) -> None:
        self.format = source.format([name for name in headers if name not in METADATA])
        self._headers = [name for name in headers if name not in RESERVED.names]
        self._metadata = [name for name in self._headers if name in METADATA]
        own = [name for name in self._headers if name not in METADATA]
        self._names = own
        self._encoding = "utf-8" if source.value_format == "json" else self.format.encoding
        self._parse = _json(own) if source.value_format == "json" else _delimited(self.format, own)

    def batch(self, records: Sequence[Record]) -> pa.RecordBatch:
        """Return (n, columns) texts with the reserved columns. A malformed record has its reason and its text."""
        rows, reasons, texts = list[Cells](), list[str | None](), list[str | None]()
        empty: Cells = [None] * len(self._names)
        for record in records:
            cells, reason, text = self._read(record)
            rows.append(cells or empty)
            reasons.append(reason)
            texts.append(text)
        columns: dict[str, Sequence[str | None]] = {
            name: [row[at] for row in rows] for at, name in enumerate(self._names)
        }
        columns |= {name: [_metadata(name, record) for record in records] for name in self._metadata}
        schema = pa.schema([(name, pa.large_string()) for name in self._headers])
        arrays = [pa.array(columns.get(name, []), pa.large_string()) for name in self._headers]
        return with_reserved(
            pa.RecordBatch.from_arrays(arrays, schema=schema),
            pa.array([record.line for record in records], pa.int64()),
            pa.array(reasons, pa.large_string()),
            pa.array(texts, pa.large_string()),
            pa.array([record.file for record in records], pa.large_string()),
        )

    def _read(self, record: Record) -> tuple[Cells | None, str | None, str | None]:
        """The cells of a record, or the reason why it is malformed and its text."""
        try:
            return self._parse(_text(record.value, self._encoding)), None, None
        except Malformed as error:
            place = "" if record.line is not None else f" (sequence number {record.offset})"
            return None, f"{error}{place}", (record.value or b"").decode("utf-8", "replace")


def _text(value: bytes | None, encoding: str) -> str:
    if value is None:
        raise Malformed("expected a value, found a record without one")
    if value[:1] == b"\x00":
        raise Malformed(
            "expected text, found the header of a schema registry or another binary value: Avro, Protobuf and JSON "
            "with a schema id are not supported"
        )
    try:
        return value.decode(encoding)
    except UnicodeDecodeError as error:
        raise Malformed(f"expected text in {encoding}, found byte {value[error.start]:#04x} at {error.start}") from None


def _json(names: Sequence[str]) -> Callable[[str], Cells]:
    decoder = json.JSONDecoder(parse_float=_number, parse_int=str, parse_constant=_refuse_constant)

    def parse(text: str) -> Cells:
        try:
            row = decoder.decode(text)
        except RecursionError:
            raise Malformed("expected a JSON object, found one that is nested too deeply") from None
        except json.JSONDecodeError as error:
            raise Malformed(f"expected a JSON object, found text that is not JSON: {error}") from None
        if not isinstance(row, dict):
            raise Malformed(f"expected a JSON object, found {KINDS.get(type(row), 'a single value')}")
        return [_cell(row.get(name), name) for name in names]

    return parse


def _cell(value: object, name: str) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        raise Malformed(f"{name}: expected a single value, found {KINDS.get(type(value), type(value).__name__)}")
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise Malformed(f"{name}: expected text, found half of a surrogate pair")
    return value


def _number(text: str) -> str:
    """A number's own digits; without its exponent, which no whole number as text has."""
    return text if text.isdecimal() or "e" not in text.lower() else repr(float(text))


def _refuse_constant(text: str) -> str:
    raise Malformed(f"expected a JSON object, found {text}, which is not JSON")


def _delimited(format: Format, columns: Sequence[str]) -> Callable[[str], Cells]:
    names = list(format.names or columns)
    places = [names.index(name) if name in names else None for name in columns]
    quoting: Literal[0, 3] = csv.QUOTE_NONE if format.quote is None else csv.QUOTE_MINIMAL
    delimiter = format.delimiter or ","

    def parse(text: str) -> Cells:
        line = text.rstrip("\r\n")
        if "\n" in line or "\r" in line:
            raise Malformed(f"expected {len(names)} fields in one line, found a line end within the record")
        reader = csv.reader([line], delimiter=delimiter, quotechar=format.quote, quoting=quoting, strict=True)
        try:
            fields = next(reader, [])
        except csv.Error as error:
            raise Malformed(f"expected one delimited line, found text that is not: {error}") from None
        if len(fields) != len(names):
            raise Malformed(f"expected {len(names)} fields in one line, found {len(fields)}")
        return [None if place is None else fields[place] for place in places]

    return parse


def _metadata(name: str, record: Record) -> str | None:
    if name == KEY:
        return None if record.key is None else record.key.decode("utf-8", "replace")
    if name == TIMESTAMP:
        return None if record.arrived is None else iso(record.arrived)
    return record.partition if name == PARTITION else record.offset


def iso(seconds: float) -> str:
    """Return a time since 1970 in ISO 8601, in UTC with milliseconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds_of(text: str) -> float:
    """Return the seconds since 1970 of a time in ISO 8601."""
    return datetime.fromisoformat(text).timestamp()
