from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from config.splits import GroupSplit, OrderSplit, RandomSplit, Split, TimeSplit, ValueSplit
from tabular.expressions import Field

READ: TypeAdapter[Split] = TypeAdapter(Split)
SHARES = {"validation": 0.2, "test": 0.2}


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"by": "random", "seed": 1}, RandomSplit),
        ({"by": "group", "seed": 0, "column": "school"}, GroupSplit),
        ({"by": "group", "seed": 0, "columns": ["school", "class"]}, GroupSplit),
        ({"by": "time", "column": "year"}, TimeSplit),
        ({"by": "order"}, OrderSplit),
    ],
)
def test_the_key_by_chooses_the_split(content: dict[str, Any], kind: type) -> None:
    assert isinstance(READ.validate_python({**content, **SHARES}), kind)


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": -1}, {"seed": 2**32}, {"seed": True}, {"seed": 1.0}, {"validation": 0}, {"validation": 0.5},
        {"test": float("nan")}, {"test": "0.2"}, {"column": "age"}, {"by": "day"},
    ],
)  # fmt: skip
def test_what_no_split_can_have_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        READ.validate_python({"by": "random", "seed": 1, **SHARES, **changes})


def test_a_split_by_time_has_no_seed() -> None:
    with pytest.raises(ValidationError, match="seed"):
        READ.validate_python({"by": "time", "column": "year", "seed": 1, **SHARES})


def test_a_split_by_value_has_an_expression_for_each_part_that_is_held_out() -> None:
    how = READ.validate_python({"by": "value", "test": "semester >= '2014J'", "validation": "semester == '2014B'"})
    assert isinstance(how, ValueSplit)
    assert how.expression("test", {"semester": Field("text")}).names == {"semester"}
    with pytest.raises(ValidationError, match="validation"):
        READ.validate_python({"by": "value", "test": "semester >= '2014J'"})


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ({}, "found neither"),
        ({"column": "a", "columns": ["b"]}, "found both"),
        ({"columns": ["a", "a"]}, "found 'a' again"),
    ],
)
def test_a_group_has_either_one_column_or_several_different_ones(names: dict[str, Any], found: str) -> None:
    with pytest.raises(ValidationError, match=found):
        READ.validate_python({"by": "group", "seed": 1, **SHARES, **names})
