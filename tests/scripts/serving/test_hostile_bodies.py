"""Bodies that would take too much memory, and damaged ones: refused, and never an exception."""

import json
import random
import resource
import struct
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from serving.answer import answer
from serving.media_types import ARROW_FILE, ARROW_STREAM, CSV, JSON, JSON_LINES, PARQUET
from serving.readers import arrow_rows, csv_rows, parquet_rows
from serving.readers.request_rows import MOST_BYTES, MOST_ROWS
from serving.scoring import MOST_EXPLAINED
from tests.scripts.models import ROW, served_model
from tests.scripts.serving import bodies

LONG = "x" * 2_000_000


def refused(body: bytes, kind: str) -> str:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = answer(served_model(), body, kind, "")
    assert found.status == 400, found.body[:300]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # kB
    return str(json.loads(found.body)["error"])


def repeated(text: str, count: int) -> pa.Table:
    """Rows that all have one text, stored once."""
    colour = pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, "int8")), pa.array([text]))
    whole = pa.array(np.full(count, 15, "int8"))
    return pa.table({"age": whole, "hours": whole, "colour": colour, "origin": colour})


@pytest.mark.parametrize("kind", [ARROW_STREAM, PARQUET])
def test_one_long_text_in_every_row_is_too_many_bytes(kind: str) -> None:
    content = repeated(LONG, 1_000)
    body = bodies.arrow_stream(content) if kind == ARROW_STREAM else bodies.parquet(content, store_schema=False)
    assert len(body) < 5_000_000
    assert f"expected at most {MOST_BYTES:,} bytes after decoding" in refused(body, kind)


@pytest.mark.parametrize("kind", [ARROW_STREAM, PARQUET])
def test_compressed_columns_count_as_they_are_after_decompression(kind: str) -> None:
    content = repeated("x", 1).cast(
        pa.schema([(name, pa.large_string()) for name in ("age", "hours", "colour", "origin")])
    )
    long = pa.table({**dict.fromkeys(content.column_names, pa.array(["x" * (MOST_BYTES // 4 + 1)], pa.large_string()))})
    if kind == ARROW_STREAM:
        body = bodies.arrow_stream(long, "zstd")
    else:
        body = bodies.parquet(long, compression="zstd", use_dictionary=False, write_statistics=False)
    assert len(body) < 1_000_000
    del long
    assert "bytes after decoding" in refused(body, kind)


@pytest.mark.parametrize("kind", [ARROW_STREAM, ARROW_FILE, PARQUET, JSON, JSON_LINES, CSV])
def test_a_request_has_a_largest_number_of_rows(kind: str) -> None:
    nothing = pa.nulls(MOST_ROWS + 1)
    content = pa.table(dict.fromkeys(ROW, nothing))
    text = {
        JSON: b"[" + b"{}," * MOST_ROWS + b"{}]", JSON_LINES: b"{}\n" * (MOST_ROWS + 1),
        CSV: b"age,hours,colour,origin\n" + b"1,1,,\n" * (MOST_ROWS + 1),
    }  # fmt: skip
    write: dict[str, Any] = {
        ARROW_STREAM: bodies.arrow_stream, ARROW_FILE: bodies.arrow_file, PARQUET: bodies.parquet,
    }  # fmt: skip
    body = text[kind] if kind in text else write[kind](content)
    assert f"expected at most {MOST_ROWS:,} in a request, found {MOST_ROWS + 1:,}" in refused(body, kind)


def test_batches_and_row_groups_are_counted() -> None:
    content = pa.table({name: pa.nulls(1) for name in ROW})
    many = pa.concat_tables([content] * (arrow_rows.MOST_BATCHES + 1))
    assert "batches" in refused(bodies.arrow_stream(many), ARROW_STREAM)
    groups = bodies.parquet(pa.table({"age": pa.array([1] * (parquet_rows.MOST_ROW_GROUPS + 1)), **{
        name: pa.array(["a"] * (parquet_rows.MOST_ROW_GROUPS + 1)) for name in ("hours", "colour", "origin")
    }}), row_group_size=1)  # fmt: skip
    assert "row groups" in refused(groups, PARQUET)


def test_an_encoding_that_repeats_texts_without_storing_them_is_refused() -> None:
    content = bodies.table([ROW])
    body = bodies.parquet(content, use_dictionary=False, column_encoding={"colour": "DELTA_BYTE_ARRAY"})
    assert "DELTA_BYTE_ARRAY is not supported" in refused(body, PARQUET)


def test_a_batch_with_wrong_lengths_or_places_of_its_texts_is_refused() -> None:
    body = bodies.arrow_stream(bodies.table([ROW] * 77))
    rows, offsets = struct.pack("<q", 77), struct.pack("<3i", 0, 3, 6)
    assert rows in body
    assert offsets in body
    assert refused(body.replace(rows, struct.pack("<q", 400_000)), ARROW_STREAM)
    assert "Rows: expected at most" in refused(body.replace(rows, struct.pack("<q", 2**40)), ARROW_STREAM)
    assert "could not read it" in refused(body.replace(offsets, struct.pack("<3i", 0, 3, 2**30)), ARROW_STREAM)
    assert "could not read it" in refused(body.replace(b"red", b"\xff\xff\xff"), ARROW_STREAM)


@pytest.mark.parametrize("kind", [PARQUET, ARROW_STREAM, ARROW_FILE, CSV, JSON, JSON_LINES])
def test_damaged_bodies_are_answered_without_a_failure_and_do_not_change_the_next_answer(kind: str) -> None:
    chance, whole = random.Random(5), bodies.bodies([ROW] * 5)[kind]  # noqa: S311
    expected = answer(served_model(), whole, kind, "")
    for _ in range(120):
        body = bytearray(whole)
        for _ in range(chance.choice((1, 2, 8))):
            body[chance.randrange(len(body))] = chance.choice((0, 1, 0x7F, 0xFF, chance.randrange(256)))
        cut = bytes(body[: chance.choice((len(body), len(body), chance.randrange(len(body))))])
        found = answer(served_model(), cut, kind, "application/json; on_error=row")
        assert found.status in (200, 400), found.body
        assert json.dumps(json.loads(found.body)).isprintable()
        assert json.loads(found.body).get("error", "").isprintable()
    assert answer(served_model(), whole, kind, "") == expected


def test_a_damaged_dictionary_or_compressed_body_is_answered_without_a_failure() -> None:
    chance, content = random.Random(6), bodies.table([ROW] * 5)  # noqa: S311
    coded = content.set_column(2, "colour", content["colour"].dictionary_encode())
    for whole in (
        bodies.arrow_stream(coded, "zstd"),
        bodies.arrow_stream(coded),
        bodies.parquet(coded, compression="zstd"),
    ):
        kind = PARQUET if whole.startswith(b"PAR1") else ARROW_STREAM
        for _ in range(120):
            body = bytearray(whole)
            body[chance.randrange(len(body))] = chance.randrange(256)
            assert answer(served_model(), bytes(body), kind, "").status in (200, 400)


def test_lists_in_lists_of_a_parquet_footer_are_refused() -> None:
    footer = b"\x19" * 5_000 + b"\0"
    body = b"PAR1" + footer + struct.pack("<I", len(footer)) + b"PAR1"
    assert "too many levels" in refused(body, PARQUET)


@pytest.mark.parametrize("scale", [-100_000, 100_000])
def test_decimals_beyond_those_of_python_are_refused(scale: int) -> None:
    cells = pa.Array.from_buffers(pa.decimal128(38, scale), 1, [None, pa.py_buffer(b"\x05" * 16)])
    row = pa.table({"age": cells, "hours": pa.array([1.0]), "colour": pa.array(["red"]), "origin": pa.array(["no"])})
    assert "1 of 1 rows do not fit" in refused(bodies.arrow_stream(row), ARROW_STREAM)


def test_empty_lines_of_csv_are_counted() -> None:
    body = b"age,hours,colour,origin\n" + b"\n" * csv_rows.MOST_LINES
    assert f"expected at most {csv_rows.MOST_LINES:,} lines" in refused(body, CSV)


def test_a_request_with_reasons_has_fewer_rows() -> None:
    row = pa.table({"age": [15], "hours": [1.0], "colour": ["red"], "origin": ["no"]})
    body = bodies.parquet(pa.concat_tables([row] * (MOST_EXPLAINED + 1)).combine_chunks())
    found = answer(served_model(), body, PARQUET, "application/json; reasons=1")
    assert (found.status, "reasons: expected at most 5,000 rows" in found.body.decode()) == (400, True)
