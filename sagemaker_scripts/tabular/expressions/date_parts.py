"""Numbers of (n,) dates as numpy's datetime64[us], by the proleptic Gregorian calendar."""

from collections.abc import Callable

import numpy as np

DAY, HOUR = 86_400_000_000, 3_600_000_000
"""Microseconds."""


def _whole(dates: np.ndarray, unit: str) -> np.ndarray:
    """Return the (n,) whole numbers of a unit of numpy since 1970, rounded down."""
    return np.asarray(dates).astype(f"datetime64[{unit}]").astype("int64")


def _day(dates: np.ndarray) -> np.ndarray:
    first = np.asarray(dates).astype("datetime64[M]").astype("datetime64[D]").astype("int64")
    return np.asarray(_whole(dates, "D") - first + 1)


def days_between(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return the (n,) days from `start` to `end`, with their fraction; negative where `end` is before."""
    return np.asarray((_whole(end, "us") - _whole(start, "us")).astype("float64") / DAY)


PARTS: dict[str, Callable[..., np.ndarray]] = {
    "year": lambda dates: _whole(dates, "Y") + 1970,
    "month": lambda dates: _whole(dates, "M") % 12 + 1,
    "day": _day,
    "day_of_week": lambda dates: (_whole(dates, "D") + 3) % 7 + 1,
    "hour": lambda dates: _whole(dates, "us") % DAY // HOUR,
    "days_between": days_between,
}
"""The functions of dates by name. A week begins with Monday, 1 (ISO 8601)."""
