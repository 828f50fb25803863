from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tabular.category_words import BOOLEAN_PAIRS
from tabular.checks import check
from tabular.columns import LONGEST_TEXT, Column, ColumnType
from tabular.series import typed

AGE = Column("age", "integer", minimum=10, maximum=30)
NUMBER = Column("number", "number", nullable=True)
ID = Column("id", "integer", nullable=True)
COLOUR = Column("colour", "category", categories=("green", "red"), nullable=True)
SECRET = Column("secret", "number", sensitive=True)
ANY = Column("any", "category", nullable=True)
NOTE = Column("note", "text", nullable=True)
FORMS = ("alone", "as Parquet has it", "in company")


def cell(value: Any, column: Column, form: str = "alone") -> Any:
    """Return the typed value of a cell, None for a missing one, or "refused"."""
    if form == "as Parquet has it":
        huge = isinstance(value, int) and abs(value) >= 2**64
        cells = pd.Series([value], dtype=object if huge else None)
    else:
        cells = pd.Series([value, "x", None, 1.5, True][: 1 if form == "alone" else None], dtype=object)
    found, bad = typed(cells, column)
    assert not bad[0] or found.isna()[0]
    return "refused" if bad[0] else None if found.isna()[0] else found[0]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(), st.floats(), st.text(), st.booleans(), st.lists(st.none()))))
def test_typing_never_fails_and_a_cell_is_the_same_alone_as_in_company(values: list[object]) -> None:
    for column in (AGE, COLOUR, SECRET, ANY, NOTE):
        found, bad = typed(pd.Series(values, dtype=object), column)
        assert len(found) == len(bad) == len(values)
        for row, value in enumerate(values):
            there = "refused" if bad[row] else None if found.isna()[row] else found[row]
            assert there == cell(value, column)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("value", [12, 12.0, "12", " 12 ", "12.0", "12.", "+12", "0012", np.int64(12), Decimal("12.0")])
def test_a_whole_number_may_be_written_in_many_ways(value: object, form: str) -> None:
    assert cell(value, AGE, form) == cell(value, NUMBER, form) == 12


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "value",
    ["12.5", 12.5, "twelve", "1e999", "inf", "1_2", "0x12", "١٢", "1e1", True, False, "true", np.bool_(True), ".", "-",
     [12], {"a": 12}, b"\xff", "\ud800", float("inf"), pd.Timestamp("2018-01-30"), 1j, Decimal("12.5")],
)  # fmt: skip
def test_what_is_no_whole_number_is_refused(value: object, form: str) -> None:
    assert cell(value, AGE, form) == "refused"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("value", [None, float("nan"), "", "NaN", "null", " n/A ", pd.NA, pd.NaT, Decimal("NaN")])
def test_a_missing_number_is_missing_not_refused(value: object, form: str) -> None:
    assert cell(value, AGE, form) is None
    assert cell(value, NUMBER, form) is None


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("value", [740245381351497731, 740245381351497732, 2**53 + 1, 2**63 - 1, -(2**63)])
def test_an_integer_keeps_every_digit_as_number_and_as_text(value: int, form: str) -> None:
    assert cell(value, ID, form) == cell(str(value), ID, form) == value
    assert typed(pd.Series([value, None], dtype=object), ID)[0].dtype == "Int64"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 2.0**53, -(2.0**53), 10**400, "9" * 5000, 1e300])
def test_an_integer_that_would_lose_digits_is_refused(value: Any, form: str) -> None:
    assert cell(value, ID, form) == "refused"
    if not isinstance(value, str):
        assert cell(str(value), ID, form) == "refused"


def test_integers_in_big_integers_csv_are_five_different_ones() -> None:
    texts = ["740245381351497731", "740245381351497732", "740245381351497999", "9007199254740992", "9007199254740993"]
    for values in (texts, list(map(int, texts)), pd.array(list(map(int, texts)), dtype="Int64")):
        assert list(map(str, typed(pd.Series(values), ID)[0])) == texts


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("value", ["1e999", "-1e999", float("inf"), float("-inf"), 10**310, "9" * 4300, "inf"])
def test_a_number_beyond_the_range_of_floats_is_refused(value: object, form: str) -> None:
    assert cell(value, NUMBER, form) == "refused"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_read_as_python_reads_it(value: float) -> None:
    for written in (value, repr(value), f"{value:.30e}"):
        assert cell(written, NUMBER) == float(written)


@pytest.mark.parametrize("pair", [*BOOLEAN_PAIRS, ("Yes", "No"), ("TRUE", "FALSE")])
def test_a_boolean_means_the_same_in_csv_json_and_parquet(pair: tuple[str, str]) -> None:
    true = next(word for word in pair if word.lower() in ("yes", "true", "1", "y", "t", "on"))
    false = next(word for word in pair if word != true)
    column = Column("joined", "category", categories=pair)
    expected = [true, false] * 3
    for cells in (
        pd.Series(["True", "False", "true", "FALSE", "1", "0"]),
        pd.Series([True, False] * 3),
        pd.Series([True, False, "true", "FALSE", 1, 0], dtype=object),
        pd.Series([1, 0] * 3),
        pd.Series([1.0, 0.0] * 3),
        pd.Series(["1.0", "0.0"] * 3),
    ):
        assert typed(cells, column)[0].tolist() == expected


def test_a_column_s_categories_take_precedence_over_booleans() -> None:
    column = Column("x", "category", categories=("1", "true", "unknown"))
    assert typed(pd.Series(["1", "true", "TRUE", "unknown"]), column)[0].tolist() == ["1", "true", "true", "unknown"]
    assert typed(pd.Series(["0", "false"]), column)[0].tolist() == ["0", "false"]
    assert typed(pd.Series([True, "True", "yes"], dtype=object), ANY)[0].tolist() == ["true", "true", "yes"]


def test_a_category_called_none_is_not_missing() -> None:
    assert typed(pd.Series(["none", " "], dtype=object), COLOUR)[0].tolist()[0] == "none"
    assert typed(pd.Series(["none", " "], dtype=object), COLOUR)[0].isna().tolist() == [False, True]


@pytest.mark.parametrize("kind", ["integer", "number", "category", "text"])
def test_a_columns_own_markers_are_missing_in_every_form(kind: ColumnType) -> None:
    column = Column("x", kind, missing=("-9", "?", "Unknown"), nullable=True)
    for cells in (pd.Series(["-9", " ?", "UNKNOWN", "-9.0"]), pd.Series([-9]), pd.Series([-9.0, np.nan])):
        found, bad = typed(cells, column)
        assert (found.isna().all(), bad.any()) == (True, False)


def test_a_code_that_pandas_wrote_as_a_float_is_the_category() -> None:
    coded = Column("code", "category", categories=("0", "1", "2.0"))
    assert typed(pd.Series(["1.0", "0", "2.0", "3.0", None], dtype=object), coded)[0].tolist()[:4] == [
        "1",
        "0",
        "2.0",
        "3.0",
    ]
    assert typed(pd.Series([1.0, 0.5, np.nan]), ANY)[0].tolist()[:2] == ["1", "0.5"]
    assert typed(pd.Series([1, 1.0, "1"], dtype=object), ANY)[0].tolist() == ["1"] * 3


def test_dates_of_parquet_are_texts_in_a_category() -> None:
    dates = pd.Series([pd.Timestamp("2018-01-30"), pd.Timestamp("2018-01-30 10:30")])
    assert typed(dates, ANY)[0].tolist() == ["2018-01-30", "2018-01-30 10:30:00"]


def test_bounds_of_integers_are_exact_beyond_2_to_the_53() -> None:
    column = Column("x", "integer", maximum=float(2**53))
    assert check(pd.DataFrame({"x": [2**53, 2**53 + 1]}), [column]).bad_rows.tolist() == [False, True]


def test_every_problem_of_every_row_is_named_and_sensitive_values_are_hidden() -> None:
    rows = pd.DataFrame({"age": [12, 99, None], "colour": ["red", "blue", None], "secret": ["1", "mine", "2"]})
    checked = check(rows, [AGE, COLOUR, SECRET])
    assert list(checked.frame) == ["age", "colour", "secret"]
    assert checked.bad_rows.tolist() == [False, True, True]
    assert [(p.row, p.column, p.found) for p in checked.problems()] == [
        (1, "age", "99"),
        (1, "colour", "'blue'"),
        (1, "secret", "(hidden: sensitive)"),
        (2, "age", "nothing"),
    ]
    assert len(checked.problems(2)) == 2


def test_an_absent_column_is_refused_in_every_row_even_a_nullable_one() -> None:
    checked = check(pd.DataFrame({"Colour ": ["red", "red"]}), [COLOUR])
    assert [(p.row, p.found) for p in checked.problems()] == [
        (0, "nothing: it is absent, but there is 'Colour '"),
        (1, "nothing: it is absent, but there is 'Colour '"),
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("x" * 5_000_000, "'" + "x" * 39 + "... (5,000,002 characters)"),
        ([1], "a list"), ({"a": 1}, "an object"), (True, "true"), (None, "nothing"), (12.0, "12"), (np.int64(3), "3"),
        (2**63, "9223372036854775808 (beyond 64 bits)"),
        ("7.4E+17", "'7.4E+17' (a number with an exponent is not exact)"),
        (2.0**53, "9007199254740992.0 (with a point it is not exact from 2^53 on)"),
        ("\ud800", "'\\ud800'"), (float("inf"), "inf"),
    ],
)  # fmt: skip
def test_a_message_shows_a_short_value_and_the_reason_of_the_refusal(value: Any, shown: str) -> None:
    assert ID.shown(value) == shown
    assert SECRET.shown(value) == "(hidden: sensitive)"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("  two\nlines, and a comma ", "two\nlines, and a comma"),
        ("True", "True"),
        ("N/A", "N/A"),
        (12, "12"),
        (1.5, "1.5"),
        ("\N{SNOWMAN}" * 5, "\N{SNOWMAN}" * 5),
        ("", None),
        (None, None),
    ],
)
@pytest.mark.parametrize("form", FORMS)
def test_a_text_stays_as_it_is(value: Any, expected: str | None, form: str) -> None:
    assert cell(value, Column("note", "text", nullable=True, max_length=40), form) == expected


@pytest.mark.parametrize("value", ["six ch", "\N{SNOWMAN}" * 6, 123456, [1], float("inf")])
def test_a_text_that_is_too_long_or_none_does_not_fit(value: Any) -> None:
    _, bad = typed(pd.Series([value, "five."], dtype=object), Column("note", "text", max_length=5))
    assert bad.tolist() == [True, False]


def test_the_default_length_of_a_text_is_the_limit() -> None:
    _, bad = typed(pd.Series(["x" * LONGEST_TEXT, "x" * (LONGEST_TEXT + 1)]), Column("note", "text"))
    assert bad.tolist() == [False, True]
