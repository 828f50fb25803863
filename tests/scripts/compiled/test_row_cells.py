"""Plain cells of JSON rows, and derived columns of one row, against the rules for whole columns."""

import math
from datetime import datetime
from itertools import product
from typing import Any

import pyarrow as pa
import pytest

from tabular.columns import Column
from tabular.compiled.row_cells import plain_codes, plain_date, plain_texts
from tabular.compiled.row_expressions import NotForRows, code_of
from tabular.compiled.rows import row_encoder
from tabular.compiled.steps import Number, Scale
from tabular.contract import Contract
from tabular.expressions import Field, parse

FIELDS = {
    "a": Field("number"),
    "b": Field("number"),
    "text": Field("text", ("x", "y", "z"), ordered=True),
    "day": Field("date"),
}
NAMES = {"a": "value_0", "b": "value_1", "text": "value_2", "day": "value_3"}
EXPRESSIONS = (
    "a + b", "a - b", "a * b", "a / b", "a // b", "a % b", "a ** 2", "a ** -1", "-a", "abs(a)", "floor(a)", "log(a)",
    "round(a)", "round(a, 1)", "min(a, b)", "max(a, b)", "a == b", "a != b", "a < b", "a <= b",
    "a > b", "0 < a <= b", "a >= b", "a > 0 and b > 0", "a > 0 or b > 0", "not a > b", "a in [1, 2]", "a not in [1, 2]",
    'text == "x"', 'text >= "y"', 'text not in ["x"]', "a is null", "text is not null",
    "log1p(a)", "sqrt(a)", "clip(a, -1, 2)", "clip(a, b, 2)", "ratio(a, b)", "ratio(a, b, 9)", "length(text)",
    "year(day)", "month(day)", "day(day)", "day_of_week(day)", "hour(day)", "days_between(day, day)",
    'days_between(day, "2026-06-30 12:00:00")', 'day >= "2020-01-01"', "day is null", 'day in ["1969-12-31"]',
)  # fmt: skip
DAYS = (
    None, datetime(1, 1, 1), datetime(1969, 12, 31, 23, 59, 59, 999_999), datetime(1900, 3, 1, 4),
    datetime(2024, 2, 29), datetime(2026, 6, 30, 12), datetime(9999, 12, 31, 23, 59, 59),
)  # fmt: skip
NUMBERS = (None, 0, 1, -1, 2.5, -2.5, 0.15, 7, 1e200, -(2**53))


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_an_expression_of_one_row_has_the_value_that_arrays_have(text: str) -> None:
    expression = parse(text, FIELDS)
    namespace: dict[str, Any] = {}
    code = compile(code_of(expression.root, NAMES, namespace), "row", "eval")
    numbers = NUMBERS if {"a", "b"} & expression.names else (1,)
    texts, days = (None, "x", "z") if "text" in text else (None,), DAYS if "day" in text else (None,)
    rows = list(product(numbers, numbers, texts, days))
    columns = dict(zip(("a", "b", "text", "day"), map(list, zip(*rows, strict=True)), strict=True))
    values = expression.evaluate({**columns, "day": pa.array(columns["day"], pa.timestamp("us"))}, len(rows))
    expected = [None if null else value for value, null in zip(values.data.tolist(), values.null, strict=True)]
    found = [eval(code, {**namespace, **dict(zip(NAMES.values(), row, strict=False))}) for row in rows]  # noqa: S307
    assert found == expected


def test_no_text_of_an_expression_enters_the_code() -> None:
    root = parse('a + 41 > b and text != "x"', FIELDS).root
    namespace: dict[str, Any] = {}
    code = code_of(root, NAMES, namespace)
    assert {41, "x"} <= {value for value in namespace.values() if not callable(value)}
    assert "41" not in code
    assert "x" not in code


def test_numbers_that_are_not_exact_as_floats_are_left_to_arrays() -> None:
    with pytest.raises(NotForRows):
        code_of(parse(f"a < {2**53 + 1}", FIELDS).root, NAMES, {})


def test_a_date_is_plain_in_one_spelling() -> None:
    dates = ["2024-02-29", "2023-02-29", "2024-2-29", "20240229", "2024-W05-1", "2024-02-29 00:00:00", ""]
    assert [plain_date(text, True) for text in dates] == [datetime(2024, 2, 29), *[None] * 6]
    times = ["2024-02-29 23:59:58", "2024-02-29T23:59:58", "2024-02-29 24:00:00", "2024-02-29T12:00+01", "2024-02-29"]
    assert [plain_date(text, False) for text in times] == [*[datetime(2024, 2, 29, 23, 59, 58)] * 2, *[None] * 3]


def taken(column: Column, cells: list[Any], scale: float = 1.0) -> list[Any]:
    """The cells that the row path takes for a column of numbers."""
    terms = Contract("rows", "regression", "outcome", (), "r2", (column,), 1, (), (column.name,))
    encode = row_encoder(terms, [Number(column.name, 0, 0.0, Scale(0.0, scale))], "float64")
    assert encode is not None
    return [cell for cell in cells if encode([{column.name: cell}]) is not None]


def test_the_limits_of_a_column_are_inclusive() -> None:
    assert taken(Column("age", "integer", minimum=10, maximum=30), [9, 10, 30, 31]) == [10, 30]
    cells = [-0.6, -0.5, 0, 1, 40.5, 40.6, 41]
    assert taken(Column("hours", "number", minimum=-0.5, maximum=40.5), cells) == [-0.5, 0, 1, 40.5]


def test_numbers_that_floats_do_not_hold_exactly_and_infinity_are_not_plain() -> None:
    large = [2**53 - 1, 2**53, -(2**53), 10**400]
    assert taken(Column("points", "integer"), large) == [2**53 - 1]
    assert taken(Column("amount", "number"), [*large, 1e30, math.inf, -math.inf, math.nan]) == [2**53 - 1, 1e30]


def test_a_number_that_is_infinite_in_32_bits_once_standardised_is_not_plain() -> None:
    assert taken(Column("amount", "number"), [1e37, 1e39, -1e300]) == [1e37]
    assert taken(Column("amount", "number"), [1e37, 1e39, -1e300], scale=10.0) == [1e37, 1e39]
    assert taken(Column("points", "integer"), [1, 10**15], scale=1e-30) == [1]


def test_a_number_that_means_a_missing_value_is_not_plain() -> None:
    assert taken(Column("points", "integer", nullable=True, missing=("-9", "?")), [-9, 9, None]) == [9, None]
    assert taken(Column("amount", "number", nullable=True, missing=("-9",)), [-9, -9.0, -9.5]) == [-9.5]


def test_a_text_is_plain_only_as_it_is_read() -> None:
    nullable = Column("town", "category", nullable=True, missing=("?",))
    assert plain_texts(nullable, ["Ulm", " Ulm", "", "?", "Köln", "a\nb", "\u200b"]) == ["Ulm", "Köln"]
    assert plain_texts(Column("flag", "category", categories=("no", "yes")), ["maybe"]) == ["no", "yes"]


def test_a_whole_number_in_its_only_spelling_is_the_code_of_a_text() -> None:
    assert plain_codes(["1", "-2", "0", "01", "+3", "1.0", "-0", "²", "x", "9" * 15, "9" * 16]) == {
        1: "1", -2: "-2", 0: "0", 10**15 - 1: "9" * 15
    }  # fmt: skip
