"""Limits of numbers: those of the sample, widened, so that the next month's rows are not refused."""

import math

RULE = (
    "Limits: the sample's, widened by its range on each side and rounded outwards; "
    "numbers that are never negative begin at 0"
)
DIGITS = 2
"""The significant digits of a limit."""


def widened(low: float, high: float) -> tuple[float, float]:
    """Return the limits of a column whose sample is from `low` to `high`."""
    span = (high - low) or abs(high) or 1.0
    least = 0.0 if low >= 0 else _down(low - span)
    most = 0.0 if high <= 0 and low < 0 else _up(high + span)
    return _plain(least), _plain(most)


def _up(value: float) -> float:
    if not value or not math.isfinite(value):
        return min(value, 1e300)
    step = 10.0 ** (math.floor(math.log10(abs(value))) - DIGITS + 1)
    return float(f"{math.ceil(round(value / step, 9)) * step:.12g}")


def _down(value: float) -> float:
    return -_up(-value)


def _plain(value: float) -> float:
    return int(value) if float(value).is_integer() and abs(value) < 2**53 else value
