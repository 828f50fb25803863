"""Digests of rows do not depend on the batches, and differ for different rows."""

import math
from collections.abc import Callable
from datetime import date, datetime
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks import digests

COLUMNS: dict[str, tuple[pa.DataType, st.SearchStrategy[Any]]] = {
    "integer": (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    "number": (pa.float64(), st.sampled_from([0.0, -0.0, math.nan, math.inf, 1.5]) | st.floats()),
    "text": (pa.string(), st.sampled_from(["", "a", "é", "ab", "a\0b"]) | st.text(max_size=5)),
    "flag": (pa.bool_(), st.booleans()),
    "moment": (pa.timestamp("us"), st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31))),
    "day": (pa.date32(), st.dates()),
    "bytes": (pa.binary(), st.binary(max_size=3)),
    "nothing": (pa.null(), st.none()),
}
SCHEMA = pa.schema({name: kind for name, (kind, _) in COLUMNS.items()})
ROWS = st.lists(st.fixed_dictionaries({name: st.none() | values for name, (_, values) in COLUMNS.items()}), max_size=12)


def whole(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def of_batches(schema: pa.Schema, batches: list[pa.RecordBatch]) -> str:
    rows = digests.RowDigest(schema)
    for batch in batches:
        rows.update(batch)
    return rows.hexdigest()


def digest(table: pa.Table) -> str:
    return of_batches(table.schema, table.to_batches())


def padded(table: pa.Table) -> pa.Table:
    """The same rows as a slice of a longer table, so that every array has an offset."""
    first = pa.Table.from_pylist([{"text": "before", "bytes": b"before", "flag": True}], schema=table.schema)
    return pa.concat_tables([first, table, first]).combine_chunks().slice(1, table.num_rows)


def as_large(table: pa.Table) -> pa.Table:
    return table.cast(table.schema.set(2, pa.field("text", pa.large_string())))


def as_dictionary(table: pa.Table) -> pa.Table:
    return table.set_column(2, "text", table["text"].dictionary_encode())


def as_view(table: pa.Table) -> pa.Table:
    return table.set_column(2, "text", table["text"].cast(pa.string_view()))


@settings(deadline=None)
@given(rows=ROWS, cuts=st.lists(st.integers(0, 12)), data=st.data())
def test_equal_rows_have_equal_digests_in_any_batches_and_encodings(
    rows: list[dict[str, Any]], cuts: list[int], data: st.DataObject
) -> None:
    table = whole(rows)
    ends = sorted({0, len(rows), *(cut for cut in cuts if cut < len(rows))})
    change = data.draw(st.sampled_from([lambda same: same, padded, as_large, as_dictionary, as_view]))
    pieces = [change(table).slice(start, end - start) for start, end in pairwise(ends)]
    batches = [batch for piece in pieces for batch in piece.to_batches()]
    assert of_batches(table.schema, batches) == digest(table)


@settings(deadline=None)
@given(rows=ROWS, others=ROWS)
def test_rows_that_differ_have_different_digests(rows: list[dict[str, Any]], others: list[dict[str, Any]]) -> None:
    same = list(map(comparable, rows)) == list(map(comparable, others))
    assert (digest(whole(rows)) == digest(whole(others))) == same


def comparable(row: dict[str, Any]) -> list[object]:
    return ["NaN" if value != value else value for value in row.values()]


def one(values: list[Any], kind: pa.DataType) -> str:
    return digest(pa.table({"a": pa.array(values, kind)}))


@pytest.mark.parametrize(
    ("left", "right", "kind"),
    [
        ([0.0], [None], pa.float64()),
        ([math.nan], [None], pa.float64()),
        ([""], [None], pa.string()),
        (["ab", "c"], ["a", "bc"], pa.string()),
        ([None, ""], ["", None], pa.string()),
        ([1, 2], [2, 1], pa.int64()),
        ([date(2020, 1, 1)], [date(2020, 1, 2)], pa.date32()),
        ([], [None], pa.null()),
    ],
)
def test_null_order_and_the_limits_of_values_count(left: list[Any], right: list[Any], kind: pa.DataType) -> None:
    assert one(left, kind) != one(right, kind)


def test_names_and_types_count() -> None:
    assert one([1], pa.int64()) != digest(pa.table({"b": [1]}))
    assert one([1], pa.int64()) != one([1], pa.int32())
    assert one(["a"], pa.string()) != one([b"a"], pa.binary())


def test_equal_numbers_are_equal_however_their_zero_or_nan_is_written() -> None:
    other_nan = pa.array([0x7FF8000000000001], pa.uint64()).view(pa.float64())
    assert one([-0.0, math.nan], pa.float64()) == digest(
        pa.table({"a": pa.concat_arrays([pa.array([0.0]), other_nan])})
    )


def test_a_null_hides_what_is_stored_beneath_it() -> None:
    offsets = pa.array([0, 3, 5], pa.int32()).buffers()[1]
    hidden = pa.StringArray.from_buffers(2, offsets, pa.py_buffer(b"xyzab"), pa.py_buffer(b"\x02"))
    assert digest(pa.table({"a": hidden})) == one([None, "ab"], pa.string())


@pytest.mark.parametrize(
    "change", [lambda rows: rows.rename_columns(["b"]), lambda rows: rows.cast(pa.schema({"a": "f8"}))]
)
def test_a_batch_of_other_columns_is_refused(change: Callable[[pa.Table], pa.Table]) -> None:
    rows = pa.table({"a": [1]})
    with pytest.raises(ValueError, match="expected the column a of int64, found"):
        of_batches(rows.schema, change(rows).to_batches())


def test_a_type_that_has_no_digest_is_named() -> None:
    with pytest.raises(TypeError, match="found list"):
        one([[1]], pa.list_(pa.int64()))


def test_the_format_is_pinned() -> None:
    """A change of the digest changes the names of all stored versions: increase ROWS_FORMAT with it."""
    table = pa.table({"a": pa.array([1, None]), "b": pa.array(["x", None]), "c": pa.array([-0.0, None])})
    assert (digests.ROWS_FORMAT, digest(table)) == (2, "19733a429b54f197")
