"""Columns of any container as values, with nulls and exact integers."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tabular.expressions.nodes import ColumnValue, Constant, Kind, Operation
from tabular.expressions.values import column_values, evaluate

BIG = 2**53 + 1


def known(column: Any, kind: Kind) -> list[Any]:
    """A column's values, None for a null."""
    found = column_values(column, kind)
    pairs = zip(np.asarray(found.data).tolist(), found.null.tolist(), strict=True)
    return [None if null else value for value, null in pairs]


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([BIG, None], dtype="Int64"),
        pa.array([BIG, None]),
        pa.chunked_array([[BIG], [None]], type=pa.int64()),
        [BIG, None],
    ],
    ids=["pandas", "arrow", "chunked", "list"],
)
def test_an_integer_keeps_every_digit_beside_a_null(column: Any) -> None:
    assert known(column, "number") == [BIG, None]


@pytest.mark.parametrize(
    "column",
    [pd.Series([1.5, np.nan]), pa.array([1.5, np.nan]), np.array([1.5, np.nan]), [1.5, float("nan")], [1.5, None]],
    ids=["pandas", "arrow", "numpy", "list", "none"],
)
def test_nan_is_null(column: Any) -> None:
    assert known(column, "number") == [1.5, None]


def test_integers_beside_fractions_are_floats() -> None:
    assert column_values([1, 2.5], "number").data.dtype == "float64"
    assert column_values(np.array([1, 2], dtype="int16"), "number").data.dtype == "int16"


@pytest.mark.parametrize(
    "column",
    [pd.Series(["a", None], dtype="string"), pa.array(["a", None]), ["a", None]],
    ids=["pandas", "arrow", "list"],
)
def test_a_missing_text_is_null(column: Any) -> None:
    assert known(column, "text") == ["a", None]


@pytest.mark.parametrize("column", [pa.array([True, None]), [True, None], pd.Series([True, None], dtype="boolean")])
def test_a_missing_boolean_is_null(column: Any) -> None:
    assert known(column, "boolean") == [True, None]


@pytest.mark.parametrize("kind", ["number", "text", "boolean", "date"])
def test_an_empty_column_of_any_kind_is_null(kind: Kind) -> None:
    assert column_values(pa.nulls(2), kind).null.tolist() == [True, True]


def test_a_constant_is_a_result_for_every_row() -> None:
    found = evaluate(Constant(7, "number"), {}, 3)
    assert (found.data.tolist(), found.null.tolist()) == ([7, 7, 7], [False] * 3)


def test_a_result_that_is_no_finite_number_is_null() -> None:
    divided = Operation("/", (ColumnValue("a", "number"), ColumnValue("b", "number")), "number")
    found = evaluate(divided, {"a": [1, 0, 6], "b": [0, 0, 3]}, 3)
    assert found.null.tolist() == [True, True, False]
    assert found.data[2] == 2
