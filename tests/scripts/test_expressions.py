import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabular.expressions import ExpressionError, Field, names_in, parse

FIELDS = {
    "hours": Field("number"),
    "rate": Field("number"),
    "big": Field("number"),
    "colour": Field("text", ("green", "red", "1")),
    "note": Field("text"),
    "flag": Field("boolean"),
    "day": Field("date"),
    "class": Field("number"),
    "full name": Field("text"),
}
ROWS = pd.DataFrame(
    {
        "hours": pd.array([1, None, 30], dtype="Int64"),
        "rate": [1.0, np.nan, 0.0],
        "big": pd.array([2**53, 2**53 + 1, 2**53 + 2], dtype="Int64"),
        "colour": pd.Series(["green", None, "red"], dtype="string"),
        "note": pd.Series(["x", np.nan, "y"], dtype=object),
        "flag": [True, False, True],
        "day": pd.Series(["2018-01-30", None, "2018-11-28 12:00"], dtype="datetime64[us]"),
    }
)
ARROW = {name: pa.array(ROWS[name]) for name in ROWS}
CHUNKED = {name: pa.chunked_array([column[:1], column[1:]]) for name, column in ARROW.items()}
LISTS = {name: column.to_pylist() for name, column in ARROW.items()}


def results(text: str, columns: Any = ROWS) -> list[Any]:
    found = parse(text, FIELDS).evaluate(columns, 3)
    return [None if null else value for value, null in zip(found.data.tolist(), found.null.tolist(), strict=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hours > 10", [False, None, True]),
        ("0 < hours < 10", [True, None, False]),
        ("0 < hours < 10 < rate + 10", [True, None, False]),
        ("hours is null or hours > 10", [False, True, True]),
        ("rate is not null", [True, False, True]),
        ("not (hours > 10)", [True, None, False]),
        ("hours > 5 and false", [False, False, False]),
        ("ratio(hours, rate)", [1.0, None, 0.0]),
        ("ratio(hours, rate, -1)", [1.0, None, -1.0]),
        ("clip(hours, 2, 10)", [2.0, None, 10.0]),
        ("clip(hours, 2, rate + 10)", [2.0, None, 10.0]),
        ("log1p(rate)", [float(np.log1p(1.0)), None, 0.0]),
        ("sqrt(rate - 0.5)", [0.5**0.5, None, None]),
        ("length(note)", [1.0, None, 1.0]),
        ("length(colour) + hours", [6.0, None, 33.0]),
        ("year(day)", [2018.0, None, 2018.0]),
        ("month(day)", [1.0, None, 11.0]),
        ("day(day)", [30.0, None, 28.0]),
        ("day_of_week(day)", [2.0, None, 3.0]),
        ("hour(day)", [0.0, None, 12.0]),
        ('days_between(day, "2018-12-01")', [305.0, None, 2.5]),
        ('days_between("2018-12-01", day) < 0', [True, None, True]),
        ("hours > 5 and true", [False, None, True]),
        ("hours > 5 or true", [True, True, True]),
        ("hours > 5 or false", [False, None, True]),
        ('colour in ["red", "1"]', [False, None, True]),
        ('colour not in ("red", "1")', [True, None, False]),
        ("hours in [1, 2]", [True, None, False]),
        ('note == "x" and flag', [True, False, False]),
        ('colour != "red"', [True, None, False]),
        ("not flag", [False, True, False]),
        ("hours / rate", [1.0, None, None]),
        ("log(rate)", [0.0, None, None]),
        ("hours % 7 + hours // 7", [1.0, None, 6.0]),
        ("-7 % 3 + hours", [3.0, None, 32.0]),
        ("hours ** 2 - +hours", [0.0, None, 870.0]),
        ("hours ** -1 * 0", [0.0, None, 0.0]),
        ("round(hours / 7, 2)", [0.14, None, 4.29]),
        ("round(hours - 0.5)", [0.0, None, 30.0]),
        ("abs(-hours)", [1.0, None, 30.0]),
        ("floor(hours / 4)", [0.0, None, 7.0]),
        ("min(hours, 2, rate)", [1.0, None, 0.0]),
        ("max(hours, 2)", [2.0, None, 30.0]),
        ("big > 9007199254740992", [False, True, True]),
        ("-9007199254740993 == -9007199254740992", [False] * 3),
        ('day >= "2018-01-30"', [True, None, True]),
        ('"2018-01-30" < day <= "2018-11-28 12:00:00"', [False, None, True]),
        ('day == "2018-11-28T12:00"', [False, None, True]),
        ('day in ["2018-01-30", "2018-01-31"]', [True, None, False]),
        ("day is null or day != day", [False, True, False]),
        ("true", [True] * 3),
        ("hours\n> 10", [False, None, True]),
    ],
)
@pytest.mark.parametrize("columns", [ROWS, ARROW, CHUNKED, LISTS], ids=["pandas", "arrow", "chunked", "lists"])
def test_an_expression_has_the_values_of_sqls_three_valued_logic(text: str, expected: list[Any], columns: Any) -> None:
    assert results(text, columns) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hours >", "expected an expression such as `hours > 10`; found 'hours >'"),
        ("hourz > 10", r"expected a column of the schema; found 'hourz' \(did you mean 'hours'\?\)"),
        ("hours - 10", "expected a result that is true or false; found a number: 'hours - 10'"),
        ('hours > "10"', "expected two numbers or two texts for `>`; found a number and a text"),
        ("colour == 1", r'found a text and a number: .*its values are texts: write "green"'),
        ('colour == "blue"', "expected a category of colour, one of 'green', 'red', '1'; found 'blue'"),
        ('"blue" == colour', "expected a category of colour"),
        ('colour in ["red", "gren"]', r"found 'gren' \(did you mean 'green'\?\)"),
        ('colour > "green"', "expected two numbers for `>`; found two texts"),
        ('day > "30/01/2018"', "expected a date such as \"2026-01-31\" or .*; found '30/01/2018'"),
        ('day > "20180130"', "expected a date such as .*; found '20180130'"),
        ('day > "2018-02-30"', "expected a date such as .*; found '2018-02-30'"),
        ('day in ["2018-01-30", "x"]', "expected a date such as .*; found 'x'"),
        ("day > 2018", "expected two dates for `>`; found a date and a number: 'day > 2018'"),
        ("day > note", "expected two dates for `>`; found a date and a text"),
        ("max(day, 1) > 1", "expected a number for `max`; found a date: 'day'"),
        ("flag == true", r"expected two numbers or two texts for `==` \(use and, or, not\)"),
        ("hours and flag", "expected true or false for `and`; found a number: 'hours'"),
        ("not hours", "expected true or false for `not`"),
        ("-note == 1", "expected a number for `-`; found a text"),
        ("hours > 1 & rate > 1", r"\(write `and`\)"),
        ("~flag", r"\(write `not`\)"),
        ("hours is None", "expected `is null`; found 'hours is None'"),
        ("hours == null", "expected `is null` or `is not null`; found 'null'"),
        ("True", "expected `true`, in lower case"),
        ("hours in rate", "expected a list of 1 to 100 constants after `in`"),
        ("hours in [1, rate]", "expected constants after `in`; found 'rate'"),
        ("hours in []", "expected a list of 1 to 100 constants"),
        ("hours < rate in [1]", "expected parentheses around `in` and `is null`"),
        ("rond(hours) > 1", r"expected one of the functions abs, .*found 'rond\(hours\)' \(did you mean 'round'\?\)"),
        ("max(hours) > 1", "expected 2 to 10 arguments of `max`"),
        ("round(hours, digits=2) > 1", "expected 1 to 2 arguments of `round`"),
        ("round(hours, rate) > 1", "expected a constant from 0 to 15; found 'rate'"),
        ("hours ** rate > 1", "expected a constant from -10 to 10; found 'rate'"),
        ("9**9**9 > hours", "expected a constant from -10 to 10; found '9\\*\\*9'"),
        ("hours > 9223372036854775808", "expected a text or a finite number of at most 64 bits"),
        ("hours > 1e999", "expected a text or a finite number"),
        ("hours > " + "9" * 900, "expected a text or a finite number"),
        ("hours > 1j", "expected a text or a finite number"),
        ("h" * 2000, "expected an expression of at most 1,000 characters; found 2,000"),
        ("(" * 400 + "1" + ")" * 400, "expected an expression such as"),
        ("-" * 900 + "1", "expected an expression of at most 200 parts"),
        ("not " * 30 + "flag", "expected at most 20 levels of nesting"),
        ("hours == " + "+".join(["1"] * 120), "expected an expression of at most 200 parts"),
        (r'note == "\d"', "expected an expression such as"),
        ("\x00", "expected an expression such as"),
        ("hours > 1 # and rate > 2", r"expected an expression without a comment \(#\); found"),
        ("hours > 1 # a note\nand rate > 2", r"expected an expression without a comment \(#\); found"),
        ('note in ["x" "y"]', "expected a comma or an operator between two texts; found"),
        ("note == 'it''s'", "expected a comma or an operator between two texts"),
        ('note == "x\ny"', "expected each text on one line; found"),
        ('note == """x\ny"""', "expected each text on one line; found"),
        ("round(hours, 1.5) > 1", "expected a whole number from 0 to 15; found '1.5'"),
        ("hours > 1) or (rate > 2", "expected an expression such as"),
        ("hours = 1", r"at character 7\) \(write `==`\)"),
        ("hours <> 1", r"\(write `!=`\)"),
        ("hours > 1 AND rate > 2", r"\(write `and`\)"),
        ("hours > 1 || rate > 2", r"\(write `or`\)"),
        ("!flag", r"\(write `not`\)"),
        ("hours ≥ 1", r"\(write `>=`\)"),
        ("class > 1", r"can't name the column 'class': give it another name, with `header: class`"),
        ("full name == 'x'", r"can't name the column 'full name'"),
        ("", "expected an expression such as"),
    ],
)
def test_a_wrong_expression_is_refused_with_what_was_expected_and_found(text: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=message):
        parse(text, FIELDS, "boolean")


def test_its_columns_are_known_before_any_row() -> None:
    assert parse('hours > 1 or note in ["rate"] and max(big, 2) < 3', FIELDS).names == {"hours", "note", "big"}


def test_dates_of_numpy_and_of_arrow_are_compared_as_those_of_pandas() -> None:
    days = np.array(["2018-01-30", "NaT"], dtype="datetime64[D]")
    for column in (days, days.astype("datetime64[ns]"), pa.array(days), days.tolist(), pd.Series(days)):
        found = parse('day == "2018-01-30"', FIELDS).evaluate({"day": column}, 2)
        assert (found.data[0], found.null.tolist()) == (True, [False, True])


def test_a_column_without_any_value_gives_null() -> None:
    rule = parse("hours > 1", FIELDS)
    for nothing in (pa.nulls(2), [None, None], pd.Series([np.nan, np.nan])):
        assert rule.evaluate({"hours": nothing}, 2).null.tolist() == [True, True]


WORDS = ["hours", "flag", "(", ")", "and", "or", "not", ">", "==", "1", "+", "**", "is", "null", "in", "[", "]", ","]


@given(st.text(max_size=60) | st.lists(st.sampled_from(WORDS)).map(" ".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        results(text)
    except ExpressionError as refused:
        assert "expected" in str(refused)
        assert "found" in str(refused)


def test_reading_an_expression_needs_no_numpy() -> None:
    program = "import sys, tabular.expressions as e; e.parse('1 > 0', {}); sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


def test_a_hash_within_a_text_and_an_expression_over_lines_are_read() -> None:
    assert results("note == '#'\n  or note == 'x'") == [True, None, False]


def test_a_derived_column_s_expression_replaces_its_name() -> None:
    more = parse("hours + rate", FIELDS)
    fields = {**FIELDS, "more": Field("number", node=more.root)}
    found = parse("more > 1 and hours > 0", fields)
    assert found.names == {"hours", "rate"}
    assert found.evaluate(ROWS, 3).null.tolist() == [False, True, False]


def test_the_names_of_an_expression_are_found_before_it_is_checked() -> None:
    assert names_in("nothing + min(a, 2) > 0 or 'b' == c") == {"nothing", "a", "c"}
    with pytest.raises(ExpressionError):
        names_in("a +")
