"""Functions from scores to probabilities."""

import numpy as np


def softmax(scores: np.ndarray) -> np.ndarray:
    """Return the probabilities of (n, classes) scores: their exponentials, which sum to 1 in each row."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def expit(scores: np.ndarray) -> np.ndarray:
    """Return the probabilities of scores that are log-odds."""
    with np.errstate(over="ignore"):
        return np.asarray(1 / (1 + np.exp(-scores)))
