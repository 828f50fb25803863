"""The interval of a share: Clopper and Pearson 1934, "The Use of Confidence or Fiducial Limits"."""

import numpy as np


def share_interval(hits: int, rows: int, level: float) -> tuple[float, float]:
    """Return the exact interval of a share, of which `hits` of `rows` rows are a sample. It covers at least `level`."""
    from scipy.special import betaincinv  # scikit-learn needs SciPy

    tail = (1 - level) / 2
    low = float(betaincinv(hits, rows - hits + 1, tail)) if hits else 0.0
    high = float(betaincinv(hits + 1, rows - hits, 1 - tail)) if hits < rows else 1.0
    return low, high


def share_at_least(hits: np.ndarray, rows: np.ndarray, share: float) -> np.ndarray:
    """Return the probability of at least `hits` among `rows` rows of a binomial with this share, for each slice."""
    from scipy.special import betainc

    return np.where(hits > 0, betainc(np.maximum(hits, 1), rows - hits + 1, share), 1.0)
