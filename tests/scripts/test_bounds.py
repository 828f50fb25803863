from datetime import datetime

import numpy as np
import pyarrow as pa
import pytest

from tabular.bounds import out_of_bounds
from tabular.columns import Column


@pytest.mark.parametrize(
    ("values", "column", "bad"),
    [
        (pa.array([1, 5, 9, None]), Column("x", "integer", 2, 8), [True, False, True, True]),
        (pa.array([1, 5, 9, None]), Column("x", "integer", 1.5, 8.5, nullable=True), [True, False, True, False]),
        (pa.array([2**53, 2**53 + 1]), Column("x", "integer", maximum=float(2**53)), [False, True]),
        (pa.array([-(2**63), 2**63 - 1]), Column("x", "integer", -1e300, 1e300), [False, False]),
        (pa.array([0.5, None, 2.5]), Column("x", "number", 1, 2, nullable=True), [True, False, True]),
        (
            pa.array(["a", "b", None]).dictionary_encode(),
            Column("x", "category", categories=("b",)),
            [True, False, True],
        ),
        (pa.array(["a", "b", None]).dictionary_encode(), Column("x", "category", nullable=True), [False] * 3),
        (pa.array(["a", None], pa.large_string()), Column("x", "text"), [False, True]),
        (
            pa.array(np.array([9, 1.5, -9]), mask=np.array([True, False, True])),  # nulls over other numbers
            Column("x", "number", 1, 2, nullable=True),
            [False] * 3,
        ),
        (pa.array([], pa.float64()), Column("x", "number", 1, 2), []),
    ],
)
def test_null_beyond_a_limit_and_an_unknown_category_are_out_of_bounds(
    values: pa.Array, column: Column, bad: list[bool]
) -> None:
    assert out_of_bounds(values, column).tolist() == bad
    for first in range(len(bad)):
        assert out_of_bounds(values[first:], column).tolist() == bad[first:]


def test_a_date_on_its_limit_fits() -> None:
    days = [datetime(2017, 12, 30), datetime(2017, 12, 31), datetime(2018, 1, 1)]
    column = Column("x", "date", minimum=days[1], maximum=days[1])
    assert out_of_bounds(pa.array(days, pa.timestamp("us")), column).tolist() == [True, False, True]
