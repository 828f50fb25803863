"""The numbers of dates are those of Python's datetime, before 1970 too."""

from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tabular.expressions.date_parts import PARTS, days_between

DATES = st.lists(st.datetimes(), min_size=1, max_size=20)
LIMITS = [
    datetime(1, 1, 1), datetime(1900, 2, 28, 23, 59, 59, 999_999), datetime(1969, 12, 31, 23), datetime(1970, 1, 1),
    datetime(2000, 2, 29, 12), datetime(2024, 12, 31, 23, 59), datetime(9999, 12, 31),
]  # fmt: skip
EXPECTED: dict[str, Callable[[datetime], int]] = {
    "year": lambda date: date.year,
    "month": lambda date: date.month,
    "day": lambda date: date.day,
    "day_of_week": datetime.isoweekday,
    "hour": lambda date: date.hour,
}


def test_every_part_is_known() -> None:
    assert PARTS.keys() == EXPECTED.keys() | {"days_between"}


@pytest.mark.parametrize("name", EXPECTED)
@given(dates=DATES)
@settings(max_examples=20, deadline=None)
def test_a_part_is_that_of_pythons_datetime(name: str, dates: list[datetime]) -> None:
    dates = [*LIMITS, *dates]
    assert PARTS[name](np.array(dates, "datetime64[us]")).tolist() == [EXPECTED[name](date) for date in dates]


def test_days_between_dates_have_their_fraction_and_are_negative_backwards() -> None:
    start = [datetime(2024, 2, 28), datetime(2024, 3, 1), datetime(1969, 12, 31, 18)]
    end = [datetime(2024, 3, 1), datetime(2024, 2, 28, 12), datetime(1970, 1, 1, 0, 0, 0, 1)]
    found = days_between(np.array(start, "datetime64[us]"), np.array(end, "datetime64[us]"))
    assert found.tolist() == [(last - first) / timedelta(days=1) for first, last in zip(start, end, strict=True)]
