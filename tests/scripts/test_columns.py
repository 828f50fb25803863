import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabular.columns import Column, as_text, frame_of, typed

AGE = Column("age", "integer", "a whole number from 10 to 30", minimum=10, maximum=30)
COLOUR = Column("colour", "category", "one of green, red", categories=("green", "red"), nullable=True)
SECRET = Column("secret", "number", "a number", sensitive=True)


@given(st.lists(st.one_of(st.none(), st.integers(-(10**9), 10**9), st.floats(), st.text(), st.booleans())))
def test_typing_never_fails_and_reads_or_rejects_every_value(values: list[object]) -> None:
    raw = pd.Series(values, dtype=object)
    for column in (AGE, COLOUR, SECRET):
        found, bad = typed(raw, column)
        assert len(found) == len(bad) == len(values)
        assert found[bad].isna().all()


@pytest.mark.parametrize("value", [12, 12.0, "12", " 12 ", "12.0", np.int64(12)])
def test_a_whole_number_may_be_written_in_many_ways(value: object) -> None:
    found, bad = typed(pd.Series([value], dtype=object), AGE)
    assert (found.tolist(), bad.tolist()) == ([12.0], [False])


@pytest.mark.parametrize("value", ["12.5", "twelve", "1e999", "inf"])
def test_what_is_no_whole_number_is_marked(value: str) -> None:
    assert typed(pd.Series([value], dtype=object), AGE)[1].tolist() == [True]


@pytest.mark.parametrize("value", [None, float("nan"), "", "NaN", "null", pd.NA])
def test_what_stands_for_nothing_is_missing_not_bad(value: object) -> None:
    found, bad = typed(pd.Series([value], dtype=object), AGE)
    assert (found.isna().tolist(), bad.tolist()) == ([True], [False])


def test_a_category_called_none_is_not_missing() -> None:
    assert typed(pd.Series(["none", ""], dtype=object), COLOUR)[0].tolist()[0] == "none"


def test_numbers_and_booleans_have_one_text() -> None:
    assert as_text(pd.Series([1.0, 0.5, np.nan])).tolist()[:2] == ["1", "0.5"]
    assert as_text(pd.Series([True, False])).tolist() == ["1", "0"]
    assert as_text(pd.Series([True, 1, 1.0, "1"], dtype=object)).tolist() == ["1"] * 4


def test_every_problem_of_every_row_is_named_and_sensitive_values_are_hidden() -> None:
    rows = pd.DataFrame({"age": [12, 99, None], "colour": ["red", "blue", None], "secret": ["1", "mine", "2"]})
    frame, problems = frame_of(rows, [AGE, COLOUR, SECRET])
    assert list(frame) == ["age", "colour", "secret"]
    assert [(p.row, p.column, p.found) for p in problems] == [
        (1, "age", "99"),
        (1, "colour", "'blue'"),
        (1, "secret", "(hidden: sensitive)"),
        (2, "age", "nothing"),
    ]


def test_a_column_that_is_not_sent_is_missing_in_every_row() -> None:
    _, problems = frame_of(pd.DataFrame({"colour": ["red", "red"]}), [AGE])
    assert [(p.row, p.found) for p in problems] == [(0, "nothing"), (1, "nothing")]


def test_a_code_that_pandas_wrote_as_a_float_is_the_category() -> None:
    coded = Column("code", "category", "one of 0, 1, 2.0", categories=("0", "1", "2.0"))
    assert typed(pd.Series(["1.0", "0", "2.0", "3.0", None], dtype=object), coded)[0].tolist()[:4] == [
        "1",
        "0",
        "2.0",
        "3.0",
    ]
