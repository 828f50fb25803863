"""The limits of an expression: the limit itself is accepted, and one more is refused."""

import pytest

from tabular.expressions.functions import FUNCTIONS
from tabular.expressions.nodes import ColumnValue, Constant, ExpressionError, Field, Operation
from tabular.expressions.syntax import (
    MAX_DEPTH,
    MAX_DIGITS,
    MAX_EXPONENT,
    MAX_INTEGER,
    MAX_LENGTH,
    MAX_LIST,
    MAX_PARTS,
    Translator,
    tree_of,
)

FIELDS = {"age": Field("number"), "day": Field("date"), "flag": Field("boolean"), "note": Field("text")}


def node(text: str) -> object:
    return Translator(text, FIELDS).node(tree_of(text, FIELDS), 0)


def test_a_comparison_is_an_operation_on_a_column_and_a_constant() -> None:
    assert node("age > 10") == Operation(">", (ColumnValue("age", "number"), Constant(10, "number")), "boolean")


def test_a_chain_of_comparisons_is_joined_by_and() -> None:
    chain = node("0 < age <= 9")
    assert isinstance(chain, Operation)
    assert (chain.name, [each.name for each in chain.operands if isinstance(each, Operation)]) == ("and", ["<", "<="])


def test_a_text_beside_a_date_is_a_date_in_one_spelling() -> None:
    found = [node(f"day == '{text}'") for text in ("2026-01-31", "2026-01-31 00:00", "2026-01-31T00:00:00")]
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize(
    ("within", "beyond"),
    [
        (f"age == {' ' * (MAX_LENGTH - 8)}1", f"age == {' ' * (MAX_LENGTH - 7)}1"),
        ("not " * MAX_DEPTH + "flag", "not " * (MAX_DEPTH + 1) + "flag"),
        (f"age in [{', '.join(['1'] * MAX_LIST)}]", f"age in [{', '.join(['1'] * (MAX_LIST + 1))}]"),
        (f"age == {MAX_INTEGER}", f"age == {MAX_INTEGER + 1}"),
        (f"age ** {MAX_EXPONENT}", f"age ** {MAX_EXPONENT + 1}"),
        (f"age ** -{MAX_EXPONENT}", f"age ** -{MAX_EXPONENT + 1}"),
        (f"round(age, {MAX_DIGITS})", f"round(age, {MAX_DIGITS + 1})"),
    ],
    ids=["characters", "levels", "list", "integer", "exponent", "negative exponent", "digits"],
)
def test_a_limit_is_reached_and_not_passed(within: str, beyond: str) -> None:
    node(within)
    with pytest.raises(ExpressionError):
        node(beyond)


def test_a_tree_of_too_many_parts_is_refused_before_it_is_walked() -> None:
    with pytest.raises(ExpressionError, match=f"at most {MAX_PARTS} parts"):
        tree_of("age in [" + "-1," * MAX_PARTS + "]", FIELDS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_function_takes_its_least_and_its_most_arguments_and_no_other_number(name: str) -> None:
    function = FUNCTIONS[name]
    first, constant = {"number": ("age", "2"), "text": ("note", '"a"'), "date": ("day", '"2026-01-31"')}[
        function.arguments[0]
    ]

    def call(count: int) -> str:
        return f"{name}({', '.join([first, *[constant] * (count - 1)] if count else [])})"

    for count in (function.least, function.most):
        node(call(count))
    for count in (function.least - 1, function.most + 1):
        with pytest.raises(ExpressionError, match=f"arguments of `{name}`"):
            node(call(count))


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("year(age)", "expected a date for `year`; found a number: 'age'"),
        ("length(day)", "expected a text for `length`; found a date: 'day'"),
        ("log1p(note)", "expected a number for `log1p`; found a text: 'note'"),
        ('days_between(day, "31/01/2026")', 'expected a date such as "2026-01-31"'),
        ("clip(note, 1, 2)", "expected a number for `clip`"),
        ("clip(age, 3, 2)", "expected `clip\\(x, low, high\\)` with low at or below high"),
    ],
)
def test_a_function_refuses_an_argument_of_another_kind(text: str, mistake: str) -> None:
    with pytest.raises(ExpressionError, match=mistake):
        node(text)


@pytest.mark.parametrize(
    "text",
    ["age.real", "age[0]", "lambda: 1", "[age for age in day]", "f'{age}'", "(age := 1)", "{1: 2}", "__import__('os')",
     "age if flag else 1", "*age", "b'x' == b'x'", "..."],
)  # fmt: skip
def test_what_is_not_of_the_language_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match=r"expected .*; found "):
        node(text)
