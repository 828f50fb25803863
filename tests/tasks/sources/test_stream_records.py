from typing import Any

import pytest
from pydantic import TypeAdapter

from config.sources.kinesis import KinesisSource
from tasks.sources.source import FILE_COLUMN, LINE_COLUMN, REASON_COLUMN, TEXT_COLUMN
from tasks.sources.stream_records import Record, RecordRows

HEADERS = ("id", "name")


def rows(value: bytes | None, headers: tuple[str, ...] = HEADERS, line: int | None = 7, **keys: Any) -> dict[str, Any]:
    """The row of one record."""
    source = TypeAdapter(KinesisSource).validate_python({"kind": "kinesis", "stream": "s", **keys})
    record = Record(value, b"the key", 1_700_000_000.5, "shard-1", "4959", line, "shard-1")
    found: list[dict[str, Any]] = RecordRows(source, headers).batch([record]).to_pylist()
    return found[0]


@pytest.mark.parametrize(
    ("value", "cells"),
    [
        (b'{"id": 5, "name": "Ada"}', ["5", "Ada"]),
        (b' {"name": "Ada", "more": [1], "id": 12345678901234567890}\n', ["12345678901234567890", "Ada"]),
        (b'{"id": 5.50, "name": true}', ["5.50", "true"]),
        (b'{"id": 1e3, "name": null}', ["1000.0", None]),
        (b'{"name": "\\u00e9"}', [None, "é"]),
        ("{\"name\": \"é\"}".encode(), [None, "é"]),
    ],
)  # fmt: skip
def test_members_of_a_json_object_are_cells_as_text_with_every_digit(value: bytes, cells: list[str | None]) -> None:
    row = rows(value)
    assert [row[name] for name in HEADERS] == cells
    assert (row[REASON_COLUMN], row[TEXT_COLUMN], row[FILE_COLUMN], row[LINE_COLUMN]) == (None, None, "shard-1", 7)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"", "expected a JSON object, found text that is not JSON: Expecting value"),
        (None, "expected a value, found a record without one"),
        (b"[1]", "expected a JSON object, found a list"),
        (b"5", "expected a JSON object, found a single value"),
        (b'{"id": NaN}', "found NaN, which is not JSON"),
        (b'{"id": {"a": 1}}', "id: expected a single value, found an object"),
        (b'{"id": [1]}', "id: expected a single value, found a list"),
        (b'{"name": "\\ud800"}', "name: expected text, found half of a surrogate pair"),
        (b'{"name": "\xff"}', "expected text in utf-8, found byte 0xff at 10"),
        (b"[" * 100_000, "nested too deeply"),
        (b"\x00\x00\x00\x00\x01{}", "found the header of a schema registry"),
    ],
)  # fmt: skip
def test_a_value_that_is_no_json_object_is_a_malformed_row_with_its_text(value: bytes | None, reason: str) -> None:
    row = rows(value)
    assert reason in row[REASON_COLUMN]
    assert row[TEXT_COLUMN] == (value or b"").decode("utf-8", "replace")
    assert [row[name] for name in HEADERS] == [None, None]


@pytest.mark.parametrize(
    ("value", "keys", "cells"),
    [
        (b"5,Ada\n", {}, ["5", "Ada"]),
        (b'5,"Ada, L."', {}, ["5", "Ada, L."]),
        (b"5;Ada", {"delimiter": ";"}, ["5", "Ada"]),
        (b"Ada,x,5", {"header": ["name", "other", "id"]}, ["5", "Ada"]),
        (b"5,\xe9", {"encoding": "latin-1"}, ["5", "é"]),
        (b'5,"Ada"', {"quote": "none"}, ["5", '"Ada"']),
    ],
)
def test_a_line_has_the_columns_in_order_or_those_of_header(
    value: bytes, keys: dict[str, Any], cells: list[str]
) -> None:
    row = rows(value, value_format="csv", **keys)
    assert [row[name] for name in HEADERS] == cells


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"5", "expected 2 fields in one line, found 1"),
        (b"5,Ada,x", "expected 2 fields in one line, found 3"),
        (b"", "expected 2 fields in one line, found 0"),
        (b"5,Ada\n6,Bo", "expected 2 fields in one line, found a line end within the record"),
        (b'5,"Ada', "expected one delimited line, found text that is not: unexpected end of data"),
    ],
)
def test_a_value_that_is_no_line_of_the_columns_is_malformed(value: bytes, reason: str) -> None:
    row = rows(value, value_format="csv")
    assert row[REASON_COLUMN] == reason
    assert row[TEXT_COLUMN] == value.decode()


def test_a_malformed_record_without_a_line_is_found_by_its_sequence_number() -> None:
    assert rows(b"x", line=None)[REASON_COLUMN].endswith("(sequence number 4959)")


def test_columns_with_the_headers_of_metadata_have_what_the_stream_knows() -> None:
    headers = ("_key", "id", "_timestamp", "_partition", "_offset")
    row = rows(b'{"id": 1, "_key": "of the value"}', headers)
    assert [row[name] for name in headers] == ["the key", "1", "2023-11-14T22:13:20.500Z", "shard-1", "4959"]
    assert rows(b"1", headers, value_format="csv")["id"] == "1"
