from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from tabular.columns import Column
from tabular.evidence.judged import JudgedRows
from tabular.evidence.slice_columns import sliced_columns
from tests.scripts.evidence.answers import a_contract

LETTERS = "abcdefghijklmnopqrstuvwxyz"
AGE = pa.array([*range(18, 58)])


def names(column: Column, values: pa.Array, **settings: object) -> list[tuple[str, ...]]:
    """The names of the groups of one column."""
    truth = np.zeros(len(values), dtype="int64")
    output = np.tile([0.5, 0.5], (len(values), 1))
    contract = replace(a_contract(), features=(column,))
    rows = JudgedRows(contract, truth, output, {column.name: values}, settings=settings)
    return [groups.names for _, groups in sliced_columns(rows, np.arange(len(values)))]


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        (Column("x", "integer"), AGE, [("below 27", "27 to below 37", "37 to below 47", "47 and above")]),
        (Column("x", "integer"), pa.array([1, 2, 2, 5]), [("below 2", "2 to below 5", "5 and above")]),
        (Column("x", "number"), pa.array([1.5, None, 1.5]), []),
        (Column("x", "number"), pa.array([0.0] * 90 + [*range(1, 11)]), [("below 1", "1 and above")]),
        (Column("x", "category", categories=("b", "a")), pa.array(["a", "b", None]), [("b", "a", "missing")]),
        (Column("x", "category"), pa.array(["a", "b", "b"]), [("b", "a")]),
        (Column("x", "category"), pa.array([*LETTERS]), [(*LETTERS[:20], "other values")]),
        (Column("x", "category", sensitive=True), pa.array(["a", "b"]), []),
        (Column("x", "integer", sensitive=True), AGE, []),
        (Column("x", "text"), pa.array(["a", "b"]), []),
        (Column("x", "date"), AGE.cast(pa.int32()).cast(pa.date32()), []),
    ],
)  # fmt: skip
def test_a_column_has_groups_by_its_type(column: Column, values: pa.Array, expected: list[tuple[str, ...]]) -> None:
    assert names(column, values) == expected


def test_a_declared_column_has_its_declared_groups() -> None:
    found = names(Column("x", "integer", sensitive=True), AGE, groups={"x": {"borders": [40]}})
    assert found == [("below 40", "40 and above")]
