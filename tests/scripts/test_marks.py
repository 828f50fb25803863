import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tabular.columns import Column
from tabular.marks import ReadTexts, marked, other_reading, suggest
from tabular.series import typed

CASES = [
    ("1.234,5", 1234.5), ("7,25", 7.25), ("-1.234", -1234.0), (",5", 0.5), ("12", 12.0), (" 7,5 ", 7.5),
    ("1,5e3", 1500.0),
    ("7.25", "bad"), ("1.23.456", "bad"), ("1.2345", "bad"), ("1,234,5", "bad"), ("1.234.567,8", 1234567.8),
    ("NA", None), ("", None), ("old", "bad"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_a_number_is_read_only_with_the_marks_of_its_column(text: str, expected: object) -> None:
    column = Column("x", "number", nullable=True, decimal=",", thousands=".")
    values, bad = typed(pd.Series([text], dtype=object), column)
    assert ("bad" if bad[0] else None if pd.isna(values[0]) else values[0]) == expected


def test_marks_do_not_touch_categories_and_native_numbers() -> None:
    category = Column("x", "category", decimal=",", thousands=".")
    assert typed(pd.Series(["1.234,5"]), category)[0].tolist() == ["1.234,5"]
    number = Column("x", "number", decimal=",", thousands=".")
    assert typed(pd.Series([7.25]), number)[0].tolist() == [7.25]


@pytest.mark.parametrize(
    ("read", "unread", "keys"),
    [
        (["1.234"], ["1.234,5"], '`decimal: ",", thousands: "."`'),
        (["1.234", "7"], ["3,5"], '`decimal: ",", thousands: "."`'),
        (["1.234", "12.34"], ["3,5"], ""),
        (["20"], ["3,5"], ""),
        (["1.234"], ["1,234"], ""),
        (["1.234"], [], ""),
    ],
)
def test_numbers_that_mean_others_beside_the_unread_ones_are_found(
    read: list[str], unread: list[str], keys: str
) -> None:
    assert other_reading(read, unread) == keys


USUAL = st.sampled_from(["1.234", "12.34", "7", "1.234.567", "5.", "+1.000"])
OTHERS = st.sampled_from(["1.234,5", "3,5", "1,234", "1 234,5"])
READ = st.from_regex(r"[+-]?[0-9]{1,5}([.][0-9]{0,4}){0,3}", fullmatch=True)
NUMBERS = st.from_regex(r"[+-]?[0-9]{1,5}([.][0-9]{0,4}){0,3}(,[0-9]{1,3})?", fullmatch=True)


@settings(deadline=None)
@given(read=st.lists(USUAL | READ, max_size=6), unread=st.lists(OTHERS | NUMBERS, max_size=3), size=st.integers(1, 3))
def test_the_texts_that_are_remembered_of_batches_give_the_same_reading_as_all(
    read: list[str], unread: list[str], size: int
) -> None:
    remembered = ReadTexts()
    for first in range(0, len(read), size):
        remembered.add(pa.array(read[first : first + size], pa.large_string()))
    assert other_reading(remembered.texts, unread) == other_reading(read, unread)


@settings(deadline=None)
@given(st.lists(NUMBERS | st.text(max_size=4), max_size=6))
def test_marked_texts_are_those_that_have_a_reading_of_their_own(texts: list[str]) -> None:
    assert marked(texts) == [text for text in texts if suggest([text])]
