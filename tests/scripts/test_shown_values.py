from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tabular.shown_values import LONGEST_SHOWN, inexact, shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "'a'"), ("it's", '"it\'s"'), ("\x1b[31m", "'\\x1b[31m'"), (None, "nothing"), (pd.NA, "nothing"),
        (float("nan"), "nothing"), (True, "true"), (np.bool_(False), "false"), (3, "3"), (np.int8(3), "3"),
        (3.0, "3"), (0.5, "0.5"), (float("-inf"), "-inf"), ([1, 2], "a list"), (np.array([1]), "a list"),
        ({"a": 1}, "an object"), (date(2026, 1, 31), "2026-01-31"), (datetime(2026, 1, 31, 9), "2026-01-31 09:00:00"),
        (Decimal("1.5"), "Decimal('1.5')"),
    ],
)  # fmt: skip
def test_a_value_is_shown_as_text(value: Any, text: str) -> None:
    assert shown(value) == text


def test_a_long_value_is_shortened_and_its_length_given() -> None:
    assert shown("x" * (LONGEST_SHOWN - 2)) == repr("x" * (LONGEST_SHOWN - 2))
    text = shown("x" * 5000)
    assert text.endswith("... (5,002 characters)")
    assert len(text) <= LONGEST_SHOWN + 10


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("12", ""), (12, ""), ("1.5", ""), ("x", ""), (None, ""), ([1], ""),
        ("1e3", "an exponent"), (1e300, "exponent"),
        (f"{2**53}.0", "with a point"), (str(2**53), ""), (str(2**63), "beyond 64 bits"),
        (2**63 - 1, ""), (-(2**63), ""), (f"+{2**63 - 1}", ""), ("9" * 5000, "beyond 64 bits"),
        (2**64, "beyond 64 bits"),
    ],
)  # fmt: skip
def test_why_a_number_gives_not_every_digit_is_reported(value: Any, words: str) -> None:
    found = inexact(value)
    assert words in found
    assert bool(found) == bool(words)
