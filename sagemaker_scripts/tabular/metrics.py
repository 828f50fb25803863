"""Metrics of predictions against true values."""

from collections.abc import Sequence

import numpy as np

from tabular.weighted_metrics import weighted_metrics

LOWER_IS_BETTER = frozenset({"rmse", "mae", "mape", "wape", "log_loss", "brier"})
"""The metrics for which a lower value is better."""
OF_RANKS = ("roc_auc", "pr_auc")


def score(task: str, truth: np.ndarray, output: np.ndarray, decided: np.ndarray | None = None) -> dict[str, float]:
    """Return the metrics of a task by name.

    `truth` is (n,): class numbers, or floats. `output` is (n, classes) probabilities, or (n,) floats. `decided` is (n,)
    the class numbers that the model decides on, by default the most probable ones. A metric in `undefined` is NaN.
    The definitions are those of scikit-learn's functions in brackets. Raises ValueError when a prediction is not a
    finite number.

    - accuracy; precision, recall, f1 (`precision_recall_fscore_support`): of the positive class for a binary task, else
      macro averages over the classes that are true or decided.
    - roc_auc, pr_auc (`roc_auc_score`, `average_precision_score`): of the positive class, else one-vs-rest, macro.
    - log_loss (`log_loss`): the mean of -ln of the true class's probability, at least the float's epsilon.
    - brier (`brier_score_loss`): the mean squared error of the positive class's probability, from 0 to 1. For more
      classes the squares are summed over the classes, from 0 to 2 (Brier 1950).
    - rmse, mae: in the target's unit. r2 (`r2_score`).
    - mape (`mean_absolute_percentage_error`): the mean of |error| / |true value|, as a share. wape: the sum of |error|
      by the sum of |true value|, which needs only one true value other than 0 (Kolassa and Schütz 2007, MAD/mean).
    """
    if not np.isfinite(output).all():
        raise ValueError("predictions: expected finite numbers; found others")
    found = weighted_metrics(task, truth, output, decided).of(np.ones((1, len(truth)), "uint8"))
    return {name: float(values[0]) for name, values in found.items()}


def undefined(task: str, truth: np.ndarray, classes: Sequence[str]) -> dict[str, str]:
    """Return why metrics of the (n,) true class numbers, or values, are undefined, by the metric's name."""
    if task == "regression":
        return _undefined_of_numbers(truth)
    absent = [name for number, name in enumerate(classes) if not (truth == number).any()]
    found = f"it needs rows of every class, found none of {', '.join(absent)} among {len(truth):,}"
    return dict.fromkeys(OF_RANKS, found) if absent else {}


def _undefined_of_numbers(truth: np.ndarray) -> dict[str, str]:
    zeros, found = int((truth == 0).sum()), {}
    if len(truth) < 2:
        found["r2"] = f"it needs two rows or more, found {len(truth)}"
    if zeros:
        found["mape"] = f"it needs true values other than 0, found {zeros:,} of {len(truth):,}; wape needs only one"
    if zeros == len(truth):
        found["wape"] = f"it needs a true value other than 0, found none among {len(truth):,}"
    return found
