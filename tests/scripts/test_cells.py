from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tabular.cells import (
    EXACT,
    LARGEST_INTEGER,
    cells_of,
    data_of,
    matches,
    number_text,
    parse_integers,
    parse_numbers,
    present,
    texts_of,
)
from tabular.series import cells_in


def texts(*values: str | None) -> pa.Array:
    return pa.array(values, pa.large_string())


def objects(*values: Any) -> np.ndarray:
    return np.fromiter(values, dtype=object, count=len(values))


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (pd.Series([1, None], dtype="Int64"), pa.int64()),
        (pd.Series([1.5, None]), pa.float64()),
        (pd.Series([1.5], dtype="float32"), pa.float64()),
        (pd.Series([True, False]), pa.bool_()),
        (pd.Series(["a", None], dtype="category"), pa.large_string()),
        (pd.Series([None, None], dtype=object), pa.large_string()),
        (pd.Series([1, 2], dtype=object), pa.int64()),
        (pd.Series(pd.arrays.ArrowExtensionArray(pa.chunked_array([["a"], ["b"]]))), pa.large_string()),
    ],
)
def test_cells_of_one_type_are_an_array_of_a_simple_type(values: pd.Series, kind: pa.DataType) -> None:
    cells, not_single = cells_of(cells_in(values))
    assert (cells.type, len(cells)) == (kind, len(values))
    assert not not_single.any()
    assert present(cells).tolist() == values.notna().tolist()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", "x"), ("é", "é"), (None, None), (pd.NA, None), (pd.NaT, None), (float("nan"), None), (True, "true"),
        (np.bool_(False), "false"), (3, "3"), (np.int64(3), "3"), (2.0, "2"), (2.5, "2.5"), (Decimal("1E+2"), "100"),
        (Decimal("NaN"), None), (b"x", "x"), (date(2026, 1, 31), "2026-01-31"), (time(9, 5), "09:05:00"),
    ],
)  # fmt: skip
def test_cells_of_several_types_are_texts(value: Any, text: str | None) -> None:
    cells, not_single = cells_of(objects(value, "beside", 1, 1.5, True, datetime(2026, 1, 31)))
    assert cells[0].as_py() == text
    assert not not_single.any()


@pytest.mark.parametrize("value", [[1], {"a": 1}, b"\xff", "\ud800", float("inf"), 1j, object()])
def test_a_cell_that_holds_no_single_value_is_marked_and_null(value: Any) -> None:
    cells, not_single = cells_of(objects(value, "x"))
    assert not_single.tolist() == [True, False]
    assert cells.to_pylist() == [None, "x"]


def test_whole_numbers_beside_fractions_become_floats_only_where_allowed_and_exact() -> None:
    mixed = objects(EXACT + 1, 1.5)
    assert cells_of(mixed)[0].to_pylist() == [str(EXACT + 1), "1.5"]
    assert cells_of(mixed, inexact=True)[0].to_pylist() == [str(EXACT + 1), "1.5"]
    assert cells_of(objects(1, 1.5), inexact=True)[0].type == pa.float64()
    assert cells_of(objects(1, 1.5))[0].to_pylist() == ["1", "1.5"]


def test_the_text_of_a_number_has_no_point_where_it_is_whole_and_exact() -> None:
    assert [number_text(value) for value in (1.0, -0.0, 1.5, 1e300)] == ["1", "0", "1.5", "1e+300"]
    with pytest.raises(ValueError):
        number_text(float("inf"))


def test_arrays_of_any_simple_type_have_texts_without_blanks_around_them() -> None:
    assert texts_of(texts(" a ", None)).to_pylist() == ["a", None]
    assert texts_of(pa.array([1, None])).to_pylist() == ["1", None]
    assert texts_of(pa.array([1.0, 0.5, float("inf"), None])).to_pylist() == ["1", "0.5", "inf", None]
    assert texts_of(pa.array([True])).to_pylist() == ["true"]


def test_a_null_matches_nothing() -> None:
    assert matches(texts("1", "x", None), "^[0-9]$").tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("text", "value", "exact"),
    [
        ("12", 12, True), ("+12", 12, True), ("-12.00", -12, True), ("0012", 12, True), ("-0", 0, True),
        (str(LARGEST_INTEGER), LARGEST_INTEGER, True), (str(-LARGEST_INTEGER - 1), -LARGEST_INTEGER - 1, True),
        (str(LARGEST_INTEGER + 1), 0, False), ("9" * 5000, 0, False), ("0" * 5000 + "7", 7, True),
        (f"{EXACT - 1}.0", EXACT - 1, True), (f"{EXACT}.0", EXACT, False), (f"-{EXACT}.", -EXACT, False),
    ],
)  # fmt: skip
def test_an_integer_is_exact_within_64_bits_and_with_a_point_below_2_to_53(text: str, value: int, exact: bool) -> None:
    for beside in ((), ("1",)):
        values, fits = parse_integers(texts(text, *beside))
        assert (values[0], fits[0]) == (value, exact)


def test_numbers_are_64_bit_floats_and_infinite_beyond_their_range() -> None:
    assert parse_numbers(texts("+1.5", "-.5", "2e3", "1e999", "-1e999")).tolist() == [1.5, -0.5, 2000, np.inf, -np.inf]


def test_numbers_whose_buffer_is_longer_than_they_need_are_read() -> None:
    buffer = pa.py_buffer(np.arange(3, dtype="int64").tobytes() + b"rest!")
    assert data_of(pa.Array.from_buffers(pa.int64(), 2, [None, buffer], offset=1)).tolist() == [1, 2]
