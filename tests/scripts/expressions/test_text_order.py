"""Texts that are compared by `<`: ordered categories by rank, and in splits other texts by their characters."""

from typing import Any

import pyarrow as pa
import pytest

from tabular.expressions import ExpressionError, Field, parse
from tabular.expressions.nodes import ColumnValue, Constant, Operation
from tabular.expressions.text_order import ranks, require_plain_order

LEVELS = ("low", "mid", "high")
FIELDS = {
    "level": Field("text", LEVELS, ordered=True),
    "goal": Field("text", LEVELS, ordered=True),
    "size": Field("text", ("s", "m"), ordered=True),
    "colour": Field("text", ("green", "red")),
    "semester": Field("text"),
}
ROWS: dict[str, Any] = {
    "level": pa.array(["high", "low", None, "mid", "other"]).dictionary_encode(),
    "goal": pa.array(["mid"] * 5),
    "semester": ["2013J", "2014B", "2014J", None, "10"],
}


def results(text: str, text_order: bool = False) -> list[bool | None]:
    found = parse(text, FIELDS, "boolean", text_order=text_order).evaluate(ROWS, 5)
    return [None if null else value for value, null in zip(found.data.tolist(), found.null.tolist(), strict=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("level >= 'mid'", [True, False, None, True, None]),
        ("'mid' < level", [True, False, None, False, None]),
        ("'low' <= level < 'high'", [False, True, None, True, None]),
        ("level > goal", [True, False, None, False, None]),
        ("level == 'mid'", [False, False, None, True, False]),
    ],
)
def test_an_ordered_category_is_compared_by_its_rank(text: str, expected: list[bool | None]) -> None:
    assert results(text) == expected


def test_other_texts_are_compared_by_their_characters_in_splits_only() -> None:
    assert results("semester >= '2014B'", text_order=True) == [False, True, True, None, False]
    with pytest.raises(ExpressionError, match="expected two numbers for `>=`; found two texts"):
        results("semester >= '2014B'")
    with pytest.raises(ExpressionError, match="a category has an order with `ordered: true`"):
        results("colour >= 'green'")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("level >= 'medium'", "expected a category of level, one of 'low', 'mid', 'high'; found 'medium'"),
        ("level >= size", "expected the same ordered categories as those of level; found the column size"),
        ("level >= semester", "expected the same ordered categories as those of level; found the column semester"),
    ],
)
def test_an_ordered_category_is_compared_only_with_its_own_categories(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        results(text, text_order=True)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    "constant", ["30/01/2018", "1.2.17", "30-Jan-2018", "1-2-2018 10:00", "10", "-1.5", " 2014 ", "3,5"]
)
def test_a_constant_whose_characters_have_another_order_is_refused(constant: str) -> None:
    with pytest.raises(ExpressionError, match="from a column of `type"):
        require_plain_order(ColumnValue("semester", "text"), Constant(constant, "text"))


@pytest.mark.parametrize("constant", ["2014J", "2018-01-30", "a1", "J2014", "v1.2.3", "2018/01/30"])
def test_a_constant_whose_characters_sort_as_it_does_is_allowed(constant: str) -> None:
    require_plain_order(ColumnValue("semester", "text"), Constant(constant, "text"))


def test_a_rank_is_an_operation_on_the_column_and_its_categories() -> None:
    column = ColumnValue("level", "text", LEVELS, ordered=True)
    assert ranks(column, Constant("mid", "text")) == (
        Operation("rank", (column, *(Constant(name, "text") for name in LEVELS)), "number"),
        Constant(1, "number"),
    )
    assert ranks(ColumnValue("semester", "text"), Constant("mid", "text")) is None
