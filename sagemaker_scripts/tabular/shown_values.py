"""Formats values for messages."""

import re
from datetime import date, time
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np

from tabular.cells import EXACT, INTEGER, LARGEST_INTEGER, NUMBER, is_null, number_text
from tabular.date_formats import date_text

LONGEST_SHOWN = 60


def shown(value: Any) -> str:
    """Return `value` as text, shortened."""
    if isinstance(value, list | tuple | np.ndarray):
        return "a list"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if is_missing(value):
        return "nothing"
    if isinstance(value, date | time):
        return date_text(value)
    text = _number_shown(value) if isinstance(value, Real) else repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 20]}... ({len(text):,} characters)"


def is_missing(value: Any) -> bool:
    """Whether a single value is null or NaN."""
    if isinstance(value, Decimal):
        return value.is_nan()
    return is_null(value) or (isinstance(value, float | complex | np.generic) and bool(value != value))


def _number_shown(value: Any) -> str:
    if isinstance(value, int | np.integer):
        return str(value)
    return number_text(float(value)) if np.isfinite(value) else repr(float(value))


def inexact(value: Any) -> str:
    """Return why a number is not an exact integer, or an empty text."""
    text = str(value).strip() if isinstance(value, str | int | float) else ""
    if not re.match(NUMBER, text):
        return ""
    if "e" in text.lower():
        return " (a number with an exponent is not exact)"
    if re.match(INTEGER, text) and abs(float(text)) >= EXACT:
        if "." in text:
            return " (with a point it is not exact from 2^53 on)"
        return " (beyond 64 bits)" if abs(float(text)) >= LARGEST_INTEGER else ""
    return ""
