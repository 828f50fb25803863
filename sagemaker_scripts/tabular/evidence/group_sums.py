"""Sums of statistics per group, for rows and for bootstrap resamples of them."""

from collections.abc import Iterable

import numpy as np


def group_sums(statistics: np.ndarray, numbers: np.ndarray, groups: int) -> np.ndarray:
    """Return the (groups, statistics) sums of (n, statistics) rows, whose groups are the (n,) `numbers`."""
    found = np.zeros((groups, statistics.shape[1]))
    np.add.at(found, numbers, statistics)
    return found


def resampled_sums(
    statistics: np.ndarray, numbers: np.ndarray, groups: int, weightings: Iterable[np.ndarray]
) -> np.ndarray:
    """Return the (resamples, groups, statistics) sums of n rows, given (m, n) weights of the resamples."""
    places = [np.flatnonzero(numbers == group) for group in range(groups)]
    members = [(rows, statistics[rows]) for rows in places]
    parts = [
        np.stack([weights[:, rows].astype("float64") @ values for rows, values in members], axis=1)
        for weights in weightings
    ]
    return np.concatenate(parts)
