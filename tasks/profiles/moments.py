"""Means and standard deviations of the rows of several parts."""

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

SMALLEST, LARGEST = 1e-150, 1e150
"""Squares of numbers within these bounds neither vanish nor overflow."""


class Moments(NamedTuple):
    """The mean and the sample standard deviation of n rows."""

    rows: int
    mean: float
    stddev: float


NOTHING = Moments(0, 0.0, 0.0)


def moments_of(ordered: np.ndarray) -> Moments:
    """Return the moments of n ascending finite numbers, n > 0."""
    largest = max(abs(float(ordered[0])), abs(float(ordered[-1])))
    scale = 1.0 if SMALLEST < largest < LARGEST else max(largest, np.finfo(float).tiny)
    scaled = ordered if scale == 1 else ordered / scale
    stddev = float(scaled.std(ddof=1)) if len(ordered) > 1 else 0.0
    return Moments(len(ordered), float(scaled.mean()) * scale, stddev * scale)


def merged_moments(parts: Iterable[Moments]) -> Moments:
    """Return the moments of all rows. The order of the parts does not matter.

    The pairwise formula of Chan, Golub and LeVeque (1979), with exactly rounded sums.
    """
    found = [part for part in parts if part.rows]
    total = sum(part.rows for part in found)
    if len(found) < 2:
        return found[0] if found else NOTHING
    mean = math.fsum(part.mean * (part.rows / total) for part in found)
    scale = max(np.finfo(float).tiny, *(max(abs(part.mean), part.stddev) for part in found))
    squares = math.fsum(
        (part.stddev / scale) ** 2 * (part.rows - 1) + (part.mean / scale - mean / scale) ** 2 * part.rows
        for part in found
    )
    return Moments(total, mean, scale * math.sqrt(squares / (total - 1)))
