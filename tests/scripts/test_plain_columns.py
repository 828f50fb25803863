"""Columns that Arrow's reader converts have the values that the rules give their texts."""

import io
from datetime import datetime

import pyarrow as pa
import pytest

from tabular import plain_blocks
from tabular.columns import Column
from tabular.delimited_batches import Batch, read_batches
from tabular.formats import Format
from tabular.plain_columns import DAY, INTEGER, NUMBER, PlainColumns, plain_type

TYPES = {"a": INTEGER, "b": NUMBER, "c": DAY}


@pytest.fixture(autouse=True)
def blocks_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let short blocks be cut by Arrow too."""
    monkeypatch.setattr(plain_blocks, "FEWEST_BYTES", 0)


def read(rows: str, format: Format | None = None) -> Batch:
    (batch,) = read_batches(io.BytesIO(f"a,b,c,d\n{rows}".encode()), format or Format(), plain=PlainColumns(TYPES))
    return batch


def test_plain_cells_are_converted_and_others_are_texts() -> None:
    found = read("1, 2.5,2017-12-31,x\n-7,,, y\n,1e3,0001-01-01,\n").columns
    assert found["a"].equals(pa.array([1, -7, None], pa.int64()))
    assert found["b"].equals(pa.array([2.5, None, 1000.0]))
    assert found["c"].equals(pa.array([datetime(2017, 12, 31), None, datetime(1, 1, 1)], pa.timestamp("us")))
    assert found["d"].to_pylist() == ["x", "y", ""]


@pytest.mark.parametrize(
    "row",
    [
        "0x10,1,2017-12-31",
        "0X1f,1,2017-12-31",
        "1.0,1,2017-12-31",
        "99999999999999999999,1,2017-12-31",
        "1,nan,2017-12-31",
        "1,1e400,2017-12-31",
        "1,1,0000-12-31",
        "1,1,2017-12-31T00:00:00",
        "1,1,2017-02-30",
    ],
)
def test_a_block_with_a_cell_that_is_not_plain_has_the_texts(row: str) -> None:
    found = read(f"1,1,2017-12-31,x\n{row},x\n").columns
    place = next(place for place, text in enumerate(row.split(",")) if text not in ("1", "2017-12-31"))
    name = "abc"[place]
    assert found[name].to_pylist() == [("1", "1", "2017-12-31")[place], row.split(",")[place]]


def test_rows_of_another_width_are_malformed_as_ever() -> None:
    batch = read("1,1,2017-12-31,x\n2,2\n3,3,2017-12-31,z\n")
    assert batch.columns["a"].to_pylist() == [1, 3]
    assert batch.lines.tolist() == [2, 4]
    assert [row.text for row in batch.malformed] == ["2,2"]


def test_nothing_is_converted_where_the_format_has_markers_of_missing_values() -> None:
    assert read("-9,1,2017-12-31,x\n", Format(missing=("-9",))).columns["a"].to_pylist() == [""]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (Column("x", "integer"), INTEGER),
        (Column("x", "integer", missing=("-9",)), None),
        (Column("x", "number"), NUMBER),
        (Column("x", "number", decimal=","), None),
        (Column("x", "date"), DAY),
        (Column("x", "date", format="%d/%m/%Y"), None),
        (Column("x", "datetime"), None),
        (Column("x", "category"), None),
    ],
)
def test_only_columns_without_rules_of_their_own_are_converted(column: Column, expected: pa.DataType | None) -> None:
    assert plain_type(column) == expected
