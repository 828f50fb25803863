"""Means and standard deviations of the rows of several parts."""

import math
from typing import NamedTuple

import numpy as np

SMALLEST, LARGEST = 1e-150, 1e150
"""Squares of numbers within these bounds neither vanish nor overflow."""

TINY = float(np.finfo(float).tiny)


class Moments(NamedTuple):
    """The mean and the sample standard deviation of n rows."""

    rows: int
    mean: float
    stddev: float


NOTHING = Moments(0, 0.0, 0.0)


def moments_of(ordered: np.ndarray) -> Moments:
    """Return the moments of n ascending finite numbers, n > 0."""
    largest = max(abs(float(ordered[0])), abs(float(ordered[-1])))
    scale = 1.0 if SMALLEST < largest < LARGEST else max(largest, TINY)
    scaled = ordered if scale == 1 else ordered / scale
    stddev = float(scaled.std(ddof=1)) if len(ordered) > 1 else 0.0
    return Moments(len(ordered), float(scaled.mean()) * scale, stddev * scale)


def merged_moments(rows: np.ndarray, means: np.ndarray, stddevs: np.ndarray) -> Moments:
    """Return the moments of all rows of n parts. The order of the parts does not matter.

    The pairwise formula of Chan, Golub and LeVeque (1979), with exactly rounded sums.
    """
    total = int(rows.sum())
    if (rows == total).any():
        only = int(np.argmax(rows))
        return Moments(total, float(means[only]), float(stddevs[only])) if total else NOTHING
    mean = math.fsum((means * (rows / total)).tolist())
    scale = max(float(np.abs(means).max()), float(stddevs.max()), TINY)
    squares = (stddevs / scale) ** 2 * (rows - 1) + (means / scale - mean / scale) ** 2 * rows
    return Moments(total, mean, scale * math.sqrt(math.fsum(squares[rows > 0].tolist()) / (total - 1)))
