"""What decides on each row of a split, read in batches."""

import numpy as np
import pandas as pd
import pytest

from config.use_case import UseCase
from tasks.deciding_rows import NO_CLASS, deciding_columns, read_deciding_rows
from tests.tasks.split_rows import deciding, frame
from tests.use_cases import small_use_case

SEEDED = {"seed": 1, "validation": 0.2, "test": 0.2}


def grouped(*names: str) -> UseCase:
    columns = small_use_case().model_dump()["columns"]
    columns["colour"] = columns["origin"] = {"type": "category"}
    return small_use_case(columns=columns, split={"by": "group", "columns": names, **SEEDED})


@pytest.mark.parametrize("size", [1, 7, 300])
def test_groups_are_numbered_by_the_order_of_their_values_in_any_batches(size: int) -> None:
    chance = np.random.default_rng(1)
    colours = chance.choice(["b", "a", "é", "Z", ""], 300)
    rows = frame().assign(colour=colours, origin=chance.choice(["x", "y"], 300))
    _, expected = np.unique(colours.astype(object), return_inverse=True)
    assert deciding(grouped("colour"), rows, size).by == pytest.approx(expected)
    found = deciding(grouped("origin", "colour", "age"), rows, size).by
    assert found is not None
    together = pd.Series(list(zip(rows["origin"], rows["colour"], rows["age"], strict=True)))
    assert (pd.Series(found).groupby(together).nunique() == 1).all()
    assert len(np.unique(found)) == together.nunique()


def test_values_that_only_look_equal_side_by_side_are_different_groups() -> None:
    rows = frame(4).assign(colour=["a", "ab", "a", "ab"], origin=["bc", "c", "c", "bc"])
    found = deciding(grouped("colour", "origin"), rows).by
    assert found is not None
    assert len(set(found.tolist())) == 4


def test_a_row_takes_some_bytes() -> None:
    rows = frame(1000).assign(colour=[f"a long text of group {number % 10}" for number in range(1000)])
    found = deciding(grouped("colour"), rows)
    assert found.by is not None
    assert found.target.nbytes + found.by.nbytes <= 10 * 1000


def test_classes_are_numbers_and_values_floats_with_a_mark_for_none() -> None:
    rows = frame(4).assign(passed=["yes", None, "no", "yes"])
    found = deciding(small_use_case(), rows)
    assert found.target.tolist() == [1, NO_CLASS, 0, 1]
    assert found.stated.tolist() == [True, False, True, True]
    regression = small_use_case(
        target={"column": "age", "task": "regression"}, features=["colour"],
        candidates=[{"name": "a", "algorithm": "ridge"}],
        evaluation={"primary": "rmse", "gates": [{"metric": "rmse", "at_most": 5}]},
    )  # fmt: skip
    numbers = deciding(regression, frame(3).assign(age=pd.array([1, None, 3], dtype="Int64")))
    assert numbers.stated.tolist() == [True, False, True]
    assert numbers.target[[0, 2]].tolist() == [1, 3]


def test_only_the_columns_that_decide_are_read() -> None:
    assert deciding_columns(small_use_case()) == ["passed"]
    assert deciding_columns(grouped("colour", "origin")) == ["colour", "origin", "passed"]
    derived = {"decade": {"expression": "age // 10", "type": "number"}}
    by_decade = small_use_case(
        derived=derived, split={"by": "time", "column": "decade", "validation": 0.2, "test": 0.2}
    )
    assert deciding_columns(by_decade) == ["age", "passed"]
    assert deciding(by_decade, frame(3)).by == pytest.approx([1, 1, 2])
    by_value = small_use_case(split={"by": "value", "test": "age > 20", "validation": "id == 1"})
    assert deciding_columns(by_value) == ["id", "age", "passed"]


def test_no_rows_decide_nothing() -> None:
    assert len(read_deciding_rows(grouped("colour"), []).target) == 0
