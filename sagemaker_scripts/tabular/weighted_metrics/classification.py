"""Metrics of probabilities and decided classes against the true classes."""

import numpy as np

from tabular.weighted_metrics.ranking import Ranking


class Classification:
    """A model's answers to n rows, for the metrics of any weighting."""

    def __init__(self, truth: np.ndarray, output: np.ndarray, decided: np.ndarray, binary: bool) -> None:
        """`truth` and `decided` are (n,) class numbers, `output` (n, classes) probabilities."""
        self._classes = output.shape[1]
        self._binary = binary
        true = np.eye(self._classes)[truth]
        chosen = np.eye(self._classes)[decided]
        losses = [log_losses(truth, output), brier_scores(truth, output)]
        self._sums = np.column_stack([true * chosen, true, chosen, *losses])
        wanted = [1] if binary else range(self._classes)
        self._rankings = [Ranking.by(output[:, number], truth == number) for number in wanted]

    def of(self, weights: np.ndarray) -> dict[str, np.ndarray]:
        """Return the (m,) values of each metric by name, given (m, n) weights."""
        sums, many = weights.astype("float64") @ self._sums, self._classes
        hits, actual, predicted = sums[:, :many], sums[:, many : 2 * many], sums[:, 2 * many : 3 * many]
        rows = actual.sum(axis=1)
        areas = np.array([ranking.areas(weights) for ranking in self._rankings]).mean(axis=0)
        return {
            "accuracy": hits.sum(axis=1) / rows,
            "precision": self._mean(_shares(hits, predicted), actual + predicted),
            "recall": self._mean(_shares(hits, actual), actual + predicted),
            "f1": self._mean(_shares(2 * hits, actual + predicted), actual + predicted),
            "roc_auc": areas[0],
            "pr_auc": areas[1],
            "log_loss": sums[:, -2] / rows,
            "brier": sums[:, -1] / rows,
        }

    def _mean(self, values: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Return the value of the positive class, or the mean over the classes that are true or decided in a row."""
        if self._binary:
            return values[:, 1]
        there = rows > 0
        return np.asarray((values * there).sum(axis=1) / there.sum(axis=1))


def _shares(parts: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Divide, where nothing of nothing is 0."""
    return np.asarray(np.divide(parts, whole, out=np.zeros_like(parts), where=whole > 0))


def log_losses(truth: np.ndarray, output: np.ndarray) -> np.ndarray:
    """Return the (n,) negative logarithms of the probabilities of the true classes."""
    least = np.finfo("float64").eps
    given = output[np.arange(len(truth)), truth].astype("float64")
    return np.asarray(-np.log(np.clip(given, least, 1 - least)))


def brier_scores(truth: np.ndarray, output: np.ndarray) -> np.ndarray:
    """Return the (n,) squared errors of the positive class's probability of two, or their sums over more classes."""
    squares = np.square(output - np.eye(output.shape[1])[truth])
    return np.asarray(squares[:, 1] if output.shape[1] == 2 else squares.sum(axis=1))
