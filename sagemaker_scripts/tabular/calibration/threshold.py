"""Chooses the probability above which a row is of the positive class, by what a wrong prediction costs.

With costs FP of a false positive and FN of a false negative, and probabilities that are right, the threshold of least
expected cost is FP / (FP + FN) (Elkan 2001, "The Foundations of Cost-Sensitive Learning"). A model's probabilities are
not always right, so the threshold is chosen on rows. Bayes' threshold decides between thresholds of equal cost.
"""

from collections.abc import Mapping

import numpy as np


def choose(truth: np.ndarray, positive: np.ndarray, costs: Mapping[str, float]) -> float:
    """Return the threshold of least cost on n rows, of (n,) class numbers and (n,) probabilities of class 1.

    `costs` has `false_positive` and `false_negative`. The threshold is halfway between two probabilities, from 0 to 1.
    """
    order = np.argsort(positive, kind="stable")
    values, is_positive = positive[order], truth[order] == 1
    false_negatives = np.concatenate([[0], np.cumsum(is_positive)])  # of the rows up to each place
    true_negatives = np.concatenate([[0], np.cumsum(~is_positive)])
    false_positives = true_negatives[-1] - true_negatives
    cost = costs["false_positive"] * false_positives + costs["false_negative"] * false_negatives
    ends = np.concatenate([[0.0], values, [1.0]])
    possible = np.diff(ends) > 0  # a threshold between equal probabilities divides no rows
    best = np.flatnonzero(possible & (cost == cost[possible].min()))
    bayes = costs["false_positive"] / (costs["false_positive"] + costs["false_negative"])
    halfway = (ends[best] + ends[best + 1]) / 2
    return float(halfway[np.argmin(np.abs(halfway - bayes))])


def decide(output: np.ndarray, threshold: float | None) -> np.ndarray:
    """Return the (n,) class numbers that (n, classes) probabilities decide on.

    These are the most probable classes without a threshold, else 1 where the probability of class 1 is above it. (n,)
    predictions of a regression are returned as they are.
    """
    if output.ndim == 1:
        return output
    if threshold is None:
        return np.asarray(output.argmax(axis=1))
    return np.asarray(output[:, 1] > threshold, dtype="int64")
