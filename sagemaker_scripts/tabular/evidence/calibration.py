"""Calibration: whether of the rows with a probability of 0.7 for a class, 70 % are of it."""

from statistics import NormalDist
from typing import Any

import numpy as np

from tabular.evidence.judged import JudgedRows
from tabular.evidence.thresholds import shown_classes

BINS = 10
LEAST_ROWS = 10
"""The least rows of a bin: with fewer rows there are fewer bins."""
LEVEL = 0.95


def evidence(judged: JudgedRows) -> dict[str, Any] | None:
    """Return by class the bins of its probability and the expected calibration error; None for a regression.

    The bins have equal numbers of rows (Nguyen and O'Connor 2015), equal probabilities in one bin. A bin has the mean
    probability, the observed share with its Wilson interval at 95 %, and the number of rows. The error is the mean
    distance of the two over the rows (Naeini et al. 2015).
    """
    if judged.contract.task == "regression":
        return None
    numbers = shown_classes(judged)
    return {judged.contract.classes[n]: _of_class(judged.output[:, n], judged.truth == n) for n in numbers}


def _of_class(probabilities: np.ndarray, positive: np.ndarray) -> dict[str, Any]:
    bins = _bins(probabilities)
    rows = np.bincount(bins)
    mean = np.bincount(bins, probabilities) / rows
    share = np.bincount(bins, positive) / rows
    low, high = wilson(share, rows)
    error = float((np.abs(mean - share) * rows).sum() / rows.sum())
    found = {"probability": mean, "share": share, "low": low, "high": high, "rows": rows}
    return {"error": error, **{name: values.tolist() for name, values in found.items()}}


def _bins(probabilities: np.ndarray) -> np.ndarray:
    """Return the (n,) numbers of the rows' bins, from 0 without a gap."""
    count = max(1, min(BINS, len(probabilities) // LEAST_ROWS))
    edges = np.quantile(probabilities, np.linspace(0, 1, count + 1)[1:-1])
    return np.unique(np.searchsorted(edges, probabilities, side="left"), return_inverse=True)[1]


def wilson(share: np.ndarray, rows: np.ndarray, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
    """Return the (k,) limits of the intervals of shares, each of its number of rows (Wilson 1927)."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    centre = (share + z**2 / (2 * rows)) / (1 + z**2 / rows)
    half = z / (1 + z**2 / rows) * np.sqrt(share * (1 - share) / rows + z**2 / (4 * rows**2))
    return centre - half, centre + half
