"""Prediction intervals and sets by split conformal prediction, from rows that a model has not been fitted on.

A regression's interval is the prediction ± a quantile of the absolute residuals (Lei et al. 2018, "Distribution-Free
Predictive Inference for Regression"). A class is in a row's set where its probability is at least its own threshold,
which is a quantile over the rows of that class (Vovk 2012, "Conditional Validity of Inductive Conformal Predictors";
Sadinle et al. 2019, "Least Ambiguous Set-Valued Classifiers"): rare classes are covered as often as frequent ones. The
predicted class is always in the set, so none is empty.

With n rows the quantile is that of the ⌈(n + 1) · coverage⌉-th smallest score. Where that is more than n, no finite
score covers enough: the interval has no bounds, or the class is in every set.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from tabular.contract import Contract

RESIDUAL, CLASSES = "absolute_residual", "class_conditional"
"""The methods."""
_ROUNDING = 1e-9
"""(n + 1) · coverage is a whole number for many n, and a little more in floats."""


def fit(contract: Contract, truth: np.ndarray, output: np.ndarray, coverage: float) -> dict[str, Any]:
    """Return the quantiles as JSON values, from n rows.

    `truth` is (n,): class numbers, or floats. `output` is (n, classes) probabilities, or (n,) floats. A quantile is
    null where n is too small for `coverage`, a share between 0 and 1. For a regression, `half_width` has the target's
    unit. For classes, `thresholds` are the least probabilities, in the order of the contract's classes.
    """
    if contract.task == "regression":
        return {"coverage": coverage, "method": RESIDUAL, "half_width": quantile(np.abs(truth - output), coverage)}
    scores = [quantile(-output[truth == number, number], coverage) for number in range(len(contract.classes))]
    thresholds = [None if score is None else -score for score in scores]
    return {"coverage": coverage, "method": CLASSES, "thresholds": thresholds}


def quantile(scores: np.ndarray, coverage: float) -> float | None:
    """Return the ⌈(n + 1) · coverage⌉-th smallest of (n,) scores; None where there are fewer."""
    rank = math.ceil((len(scores) + 1) * coverage - _ROUNDING)
    return float(np.partition(scores, rank - 1)[rank - 1]) if rank <= len(scores) else None


def bounds(conformal: Mapping[str, Any], output: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the (n,) lower and upper ends of the intervals around (n,) predictions. They are infinite without one."""
    half = math.inf if conformal["half_width"] is None else conformal["half_width"]
    return output - half, output + half


def sets(conformal: Mapping[str, Any], output: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return which classes are in the sets of n rows: an (n, classes) mask.

    `output` is (n, classes) probabilities, and `predicted` the (n,) numbers of the predicted classes.
    """
    least = [-math.inf if threshold is None else threshold for threshold in conformal["thresholds"]]
    found = np.asarray(output >= np.asarray(least))
    found[np.arange(len(output)), predicted] = True
    return found
