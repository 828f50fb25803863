"""A random sample of the held-out rows, for evidence that takes long on many."""

import numpy as np

SEED = 7


def sampled(rows: int, most: int) -> np.ndarray:
    """Return the places of at most `most` of a number of rows, in their order. Equal numbers give the same places."""
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(SEED).choice(rows, most, replace=False))
