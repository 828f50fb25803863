"""Cells of JSON and Arrow are typed and checked without pandas."""

import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tabular.checked import CheckedColumns, check_columns
from tabular.checks import check
from tabular.columns import Absent, Column

AGE = Column("age", "integer", minimum=10, maximum=30)
HOURS = Column("hours", "number", nullable=True)
COLOUR = Column("colour", "category", categories=("green", "red"), nullable=True)
SECRET = Column("secret", "number", maximum=1, sensitive=True)
COLUMNS = (AGE, HOURS, COLOUR, SECRET)
ROWS: dict[str, list[Any]] = {
    "age": [12, 31, None, "x"],
    "hours": [1, 2.5, None, float("inf")],
    "colour": ["red", "blue", None, 7],
    "secret": [0.5, 2, 1, [1]],
}
PROGRAM = """
import sys
from tabular import checked, contract, derived, pandas_in_arrow
def imported():
    return [name for name in ("pandas", "sklearn", "scipy", "xgboost") if name in sys.modules]
assert not imported(), imported()
pandas_in_arrow.disable()  # or Arrow's first conversion would import it
import numpy as np, pyarrow as pa
from datetime import date, datetime
from tabular.columns import Column
columns = [Column("n", "number", maximum=1), Column("c", "category", categories=("a", "1")), Column("d", "date"),
           Column("t", "text", missing=("?",)), Column("i", "integer", missing=("-9",))]
rows = {"n": [0.5, 2, "x", None], "c": ["a", 1, "b", [1]], "d": ["2018-01-30", 7, date(2018, 1, 30), None],
        "t": ["a", "?", None, True], "i": [1, -9, "-9", 2**64]}
cells = {name: np.fromiter(values, object, 4) for name, values in rows.items()}
found = checked.check_columns(cells, columns, 4)
assert len(found.problems()) == 12, found.problems()
arrow = {"n": pa.array([0.5, None, 2.0]), "c": pa.array(["a", "1", "b"]).dictionary_encode(),
         "d": pa.array([1, 0, 2 * 86_400 * 10**9], pa.timestamp("ns")), "t": pa.array(["a", "?", None]),
         "i": pa.array([1, None, -9], pa.int8())}
more = checked.check_columns(arrow, columns, 3)
assert len(more.problems()) == 8, more.problems()
known = derived.resolve(columns, {"e": derived.Derived(name="e", expression="n * i", type="number")}).expressions
assert derived.values_of(known["e"], more.values, 3).to_pylist() == [0.5, None, None]
assert more.take(~more.bad_rows).count == 0
assert not imported(), imported()
"""


def objects(values: list[Any]) -> np.ndarray:
    return np.fromiter(values, dtype=object, count=len(values))


def checked(rows: np.ndarray | None = None) -> CheckedColumns:
    return check_columns({name: objects(values) for name, values in ROWS.items()}, COLUMNS, 4, rows)


def test_values_are_arrow_arrays_with_null_where_a_cell_is_missing_or_of_another_type() -> None:
    found = checked()
    assert {name: values.to_pylist() for name, values in found.values.items()} == {
        "age": [12, 31, None, None],
        "hours": [1.0, 2.5, None, None],
        "colour": ["red", "blue", None, "7"],
        "secret": [0.5, 2.0, 1.0, None],
    }
    assert [values.type for values in found.values.values()] == [
        pa.int64(),
        pa.float64(),
        pa.dictionary(pa.int32(), pa.string()),
        pa.float64(),
    ]


def test_problems_are_listed_by_row_and_column_and_hide_sensitive_values() -> None:
    found = checked(np.array([10, 20, 30, 40]))
    assert found.bad_rows.tolist() == [False, True, True, True]
    assert [(each.row, each.text()) for each in found.problems()] == [
        (20, "age: expected a whole number from 10 to 30, found 31"),
        (20, "colour: expected one of green, red, found 'blue'"),
        (20, "secret: expected a number of at most 1, found (hidden: sensitive)"),
        (30, "age: expected a whole number from 10 to 30, found nothing"),
        (40, "age: expected a whole number from 10 to 30, found 'x'"),
        (40, "hours: expected a number, found inf"),
        (40, "colour: expected one of green, red, found 7"),
        (40, "secret: expected a number of at most 1, found (hidden: sensitive)"),
    ]
    assert found.problems(2) == found.problems()[:2]


def test_rows_that_are_taken_keep_their_numbers_and_problems() -> None:
    found = checked(np.array([10, 20, 30, 40])).take(np.array([True, False, True, False]))
    assert (found.count, found.rows.tolist()) == (2, [10, 30])
    assert found.values["hours"].to_pylist() == [1.0, None]
    assert [(each.row, each.column) for each in found.problems()] == [(30, "age")]
    assert found.take(~found.bad_rows).problems() == []


def test_an_absent_column_is_a_problem_of_every_row_even_if_it_is_nullable() -> None:
    found = check_columns({"Hours ": pa.array([1.5, 2.5])}, [HOURS], 2)
    assert found.values["hours"].to_pylist() == [None, None]
    expected = "hours: expected a number, found nothing: it is absent, but there is 'Hours '"
    assert [each.text() for each in found.problems()] == [expected] * 2


def test_a_single_absent_cell_is_a_problem_of_its_row() -> None:
    found = check_columns({"hours": objects([1, Absent("hours", ())])}, [HOURS], 2)
    assert [(each.row, each.found) for each in found.problems()] == [(1, "nothing: it is absent")]


@pytest.mark.parametrize(
    "cells",
    [
        pa.array(["red", None, "blue"], pa.string_view()),
        pc.run_end_encode(pa.array(["red", None, "blue"])),
        pa.DictionaryArray.from_arrays(pa.array([0, 2, 1], pa.uint8()), pa.array(["red", "blue", None])),
        pa.DictionaryArray.from_arrays(pa.array([0, None, 1]), pa.array(["red", "blue"], pa.string_view())),
        pa.array([b"red", None, b"blue"], pa.binary_view()),
    ],
)
def test_texts_of_any_arrow_layout_are_checked_and_taken(cells: pa.Array) -> None:
    found = check_columns({"colour": cells}, [COLOUR], 3)
    assert found.values["colour"].to_pylist() == ["red", None, "blue"]
    assert [each.row for each in found.problems()] == [2]
    good = found.take(~found.bad_rows)
    assert good.values["colour"].to_pylist() == ["red", None]
    assert len(good.raw["colour"]) == 2


def test_no_row_has_no_problem() -> None:
    for cells in (objects([]), pa.array([], pa.float64())):
        assert check_columns({"hours": cells}, [HOURS], 0).problems() == []


def test_a_frame_is_checked_as_its_cells_are() -> None:
    frame = check(pd.DataFrame(ROWS, index=[5, 6, 7, 8]), COLUMNS)
    cells = checked(np.array([5, 6, 7, 8]))
    assert np.array_equal(frame.bad, cells.bad)
    assert frame.problems() == cells.problems()
    assert frame.frame.astype(object).isna().to_numpy().tolist() == [
        [values[row].as_py() is None for values in cells.values.values()] for row in range(4)
    ]


def test_neither_pandas_nor_scikit_learn_is_imported() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
