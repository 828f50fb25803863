"""Metrics of many weightings of the same rows at once.

A weighting has a number for each row: 1 for the rows as they are, or how often a bootstrap resample has the row. So
1,000 resamples are one matrix, and no row is copied. With weights of 1 the values are those of scikit-learn.
"""

from typing import Protocol

import numpy as np

from tabular.weighted_metrics.classification import Classification
from tabular.weighted_metrics.regression import Regression


class WeightedMetrics(Protocol):
    """The metrics of one model's answers to n rows."""

    def of(self, weights: np.ndarray) -> dict[str, np.ndarray]:
        """Return the (m,) values of each metric by name, NaN where it is undefined, given (m, n) whole weights."""


def weighted_metrics(
    task: str, truth: np.ndarray, output: np.ndarray, decided: np.ndarray | None = None
) -> WeightedMetrics:
    """Return the metrics of a model's answers: see `tabular.metrics.score`."""
    if task == "regression":
        return Regression(truth, output)
    return Classification(truth, output, output.argmax(axis=1) if decided is None else decided, task == "binary")
