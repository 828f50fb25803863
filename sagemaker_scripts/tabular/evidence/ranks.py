"""The ranks of values, for tests and correlations that depend on their order only."""

import numpy as np


def ranks_of(values: np.ndarray) -> np.ndarray:
    """Return the (n,) ranks of values from 1; equal values have the mean of their ranks."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[places])
