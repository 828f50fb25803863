"""Cells of every type have one outcome, whether they are Arrow's, Python's or pandas', alone or beside others."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tabular.arrow_objects import objects_of
from tabular.cells import Cells
from tabular.columns import Column
from tabular.series import cells_in, typed, typed_array
from tabular.source_cells import cells as source_cells
from tabular.typed_cells import typed_cells, typed_texts
from tests.fuzz.typed_cells import COLUMNS, ODD

TYPED = (
    *COLUMNS,
    Column("x", "integer", missing=("5.0", "true")),
    Column("x", "number", missing=("1e3", "1,5")),
    Column("x", "category", categories=("true", "1.5", " 5"), missing=("inf",)),
    Column("x", "text", missing=("NA",), max_length=4),
    Column("x", "datetime", format="%d/%m/%Y %H:%M"),
)
KINDS: dict[str, list[Any]] = {
    "whole": [0, 5, -9, 2**53 + 1, 2**63 - 1, -(2**63), 20171231, None],
    "beyond 64 bits": [2**63, 2**64, -(2**63) - 1, 10**400, 5, None],
    "fractions": [0.5, 5.0, -9.0, 1000.0, 2.0**53, 1e300, float("nan"), None],
    "infinite": [float("inf"), float("-inf"), 1.5],
    "truths": [True, False, None],
    "texts": [*ODD, "\ud800", None],
    "decimals": [Decimal("1.50"), Decimal("-9.00"), Decimal("NaN"), Decimal("5"), None],
    "days": [date(2017, 12, 31), date(1, 1, 1), date(9999, 12, 31), None],
    "times": [datetime(2017, 12, 31), datetime(2017, 12, 31, 23, 59, 58, 1), datetime(2017, 12, 31, tzinfo=UTC), None],
    "of zones": [datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5))), datetime(2017, 12, 31, 5, tzinfo=UTC)],
    "other": [[1], {"a": 1}, (), b"5", b"\xff", time(9, 5), 1j, timedelta(1), object],
}
ARROW = {
    "int64": pa.array([0, 5, -9, 2**53 + 1, 2**63 - 1, None]),
    "int8": pa.array([0, 5, -9, None], pa.int8()),
    "uint64": pa.array([0, 5, 2**63, 2**64 - 1, None], pa.uint64()),
    "double": pa.array([0.5, 5.0, -9.0, 1000.0, 2.0**53, float("inf"), None]),
    "float": pa.array([0.5, 5.0, 0.1, None], pa.float32()),
    "halffloat": pa.array(np.array([0.5, 5.0, 1000.0], dtype="float16")),
    "bool": pa.array([True, False, None]),
    "string": pa.array([*ODD, None], pa.string()),
    "large_string": pa.array([*ODD, None], pa.large_string()),
    "string_view": pa.array([*ODD, None], pa.string_view()),
    "dictionary": pa.array([*ODD, None, *ODD]).dictionary_encode(),
    "dictionary of numbers": pa.array([5, -9, None, 5]).dictionary_encode(),
    "dictionary of days": pa.array([date(2017, 12, 31), None]).dictionary_encode(),
    "null": pa.nulls(2),
    "decimal": pa.array([Decimal("1.50"), Decimal("-9.00"), Decimal("5.00"), None], pa.decimal128(9, 2)),
    "binary": pa.array([b"5", b"\xff", b"red", None]),
    "date32": pa.array(KINDS["days"], pa.date32()),
    "date64": pa.array(KINDS["days"], pa.date64()),
    "seconds": pa.array([1514678400, 1514678401, -10, None], pa.timestamp("s")),
    "microseconds": pa.array([1514678400 * 10**6, 1514678400 * 10**6 + 1, None], pa.timestamp("us")),
    "nanoseconds": pa.array([1514678400 * 10**9, 1514678400 * 10**9 + 1, -1000, None], pa.timestamp("ns")),
    "UTC": pa.array([1514678400, 1514678401, None], pa.timestamp("s", "UTC")),
    "Paris": pa.array([1514678400, 1514674800, 0, None], pa.timestamp("s", "Europe/Paris")),
    "time": pa.array([time(9, 5), None], pa.time64("us")),
}


def objects(values: list[Any]) -> np.ndarray:
    return np.fromiter(values, dtype=object, count=len(values))


def outcome(cells: Cells, column: Column) -> list[Any]:
    """The value of each cell, or "refused". Raises AssertionError where a refused cell has a value."""
    found, bad = typed_cells(cells, column)
    assert not found.is_valid().to_numpy(zero_copy_only=False)[bad].any()
    return [(REFUSED if unfit else value) for value, unfit in zip(found.to_pylist(), bad.tolist(), strict=True)]


REFUSED = "refused"


@pytest.mark.parametrize("kind", KINDS)
def test_a_cell_has_the_same_value_among_its_like_and_beside_any_other(kind: str) -> None:
    values, others = KINDS[kind], ["red", True, 1, 1.5, [1]]
    for column in TYPED:
        if (kind == "truths" and "true" in column.missing) or (kind == "infinite" and column.missing == ("inf",)):
            continue  # only a text is such a marker
        if kind == "texts" and column.decimal + (column.thousands or "") != ".":
            continue  # only a column of texts has marks
        assert outcome(objects(values + others), column)[: len(values)] == outcome(objects(values), column), column
        assert [outcome(objects([value]), column)[0] for value in values] == outcome(objects(values), column), column


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=3), st.data(), st.sampled_from(TYPED))
def test_a_series_of_pandas_has_the_values_of_its_cells(kinds: list[str], data: st.DataObject, column: Column) -> None:
    values = data.draw(st.lists(st.sampled_from([value for kind in kinds for value in KINDS[kind]]), max_size=20))
    series = pd.Series(objects(values), dtype=object)
    found, bad = typed(series, column)
    expected = outcome(objects(values), column)
    missing = found.isna().tolist()
    pairs = zip(found.tolist(), missing, bad.tolist(), strict=True)
    assert [REFUSED if unfit else None if null else value for value, null, unfit in pairs] == expected


@pytest.mark.parametrize("kind", ARROW)
def test_an_arrow_array_has_the_values_of_its_python_values(kind: str) -> None:
    array = ARROW[kind]
    for first in (0, 1):
        cells = array[first:]
        for column in TYPED:
            if kind.startswith("dictionary") and column.decimal != ".":
                continue
            known = outcome(cells, column)
            assert known == outcome(objects_of(cells), column), column
            if "dictionary" not in kind:
                found, bad = typed_array(source_cells(cells), column)
                pairs = zip(found.to_pylist(), bad.tolist(), strict=True)
                assert known == [REFUSED if unfit else value for value, unfit in pairs], column


@pytest.mark.parametrize(
    ("array", "found"),
    [
        (pa.array([[1], None]), [REFUSED, None]),
        (pa.array([{"a": 1}, None]), [REFUSED, None]),
        (pa.array([5, None], pa.duration("s")), [REFUSED, None]),
        (pa.array([2**60, None], pa.timestamp("s")), [REFUSED, None]),
        (pa.array([2**30, None], pa.date32()), [REFUSED, None]),
        (pa.array([0, None], pa.timestamp("s", "No/Where")), [REFUSED, None]),
    ],
)
def test_a_type_without_single_values_is_refused_cell_by_cell(array: pa.Array, found: list[Any]) -> None:
    for kind in ("integer", "number", "category", "text", "date"):
        assert outcome(array, Column("x", kind)) == found


def test_nan_is_missing_in_python_and_pandas_and_refused_in_arrow_which_has_nulls() -> None:
    number = Column("x", "number")
    assert outcome(objects([float("nan"), 1]), number) == [None, 1.0]
    assert outcome(cells_in(pd.Series([float("nan"), 1])), number) == [None, 1.0]
    assert outcome(pa.array([float("nan"), 1.0]), number) == [REFUSED, 1.0]


def test_plain_arrow_columns_are_not_copied() -> None:
    for kind, array in (("integer", pa.array([1, None, 3])), ("number", pa.array([1.5, None, 3.5]))):
        found, _ = typed_cells(array[1:], Column("x", kind))  # type: ignore[arg-type]
        assert found.buffers()[1].address == array.buffers()[1].address


@pytest.mark.parametrize("column", TYPED)
def test_texts_of_a_file_have_the_values_of_cells(column: Column) -> None:
    cells = pa.array([*ODD, None, *ODD], pa.large_string())
    found, bad = typed_texts(cells, column)
    pairs = zip(found.to_pylist(), bad.tolist(), strict=True)
    assert [REFUSED if unfit else value for value, unfit in pairs] == outcome(cells, column)


@given(st.lists(st.sampled_from(["red", "green", " red", "RED", "?", "", None]), max_size=8))
@example(["red", None])
def test_coded_texts_are_the_categories_of_plain_ones(texts: list[str | None]) -> None:
    column = Column("x", "category", categories=("green", "red"), missing=("?",))
    cells = pa.array(texts, pa.string())
    assert outcome(cells.dictionary_encode(), column) == outcome(cells, column)
