"""The areas below the ROC curve and the precision-recall curve."""

from dataclasses import dataclass
from typing import Self

import numpy as np


@dataclass(frozen=True)
class Ranking:
    """n rows by the probability of a class, the lowest first. Rows of equal probability are one group.

    For each of the p rows of the class it has the first and the last place of its group, among all rows and among
    those of the class.
    """

    order: np.ndarray
    positives: np.ndarray
    """(p,) the places of the rows of the class in this order."""
    first: np.ndarray
    last: np.ndarray
    first_positive: np.ndarray
    last_positive: np.ndarray

    @classmethod
    def by(cls, probabilities: np.ndarray, positive: np.ndarray) -> Self:
        """Rank rows by (n,) probabilities of a class; `positive` (n,) tells which rows are of the class."""
        order = np.argsort(probabilities, kind="stable")
        ranked, positives = probabilities[order], np.flatnonzero(positive[order])
        values = ranked[positives]
        places = [
            np.searchsorted(among, values, side) - (side == "right")
            for among in (ranked, values)
            for side in ("left", "right")
        ]
        return cls(order, positives, *places)

    def areas(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (m,) areas below both curves, given (m, n) weights; NaN where the class, or the rest, has no row.

        ROC: the share of pairs of a row of the class and another row that are in the right order, where equal
        probabilities count half (Hanley and McNeil 1982). Precision-recall: average precision, the sum over the groups
        of the increase of recall times the precision, without interpolation (scikit-learn, `average_precision_score`).
        """
        ranked = weights.take(self.order, axis=1)
        hits = ranked.take(self.positives, axis=1)
        every, found = (np.cumsum(each, axis=1, dtype="int32") for each in (ranked, hits))
        rows, total = every[:, -1:], hits.sum(axis=1, dtype="int64", keepdims=True)
        rows_below = _below(every, ranked, self.first)
        hits_below = _below(found, hits, self.first_positive)
        up_to = every.take(self.last, axis=1) - found.take(self.last_positive, axis=1)
        pairs = rows_below - hits_below + up_to  # twice the other rows below, as equal ones count half
        above = rows - rows_below
        precision = np.divide(total - hits_below, above, out=np.zeros(above.shape), where=above > 0)
        with np.errstate(invalid="ignore", divide="ignore"):
            both = (total * (rows - total))[:, 0]
            roc = np.einsum("ij,ij->i", hits, pairs, dtype="float64") / (2 * both)
            return roc, np.where(both > 0, np.einsum("ij,ij->i", hits, precision) / total[:, 0], np.nan)


def _below(running: np.ndarray, weights: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return the (m, p) sums of the weights before each place, given the sums up to it."""
    return np.asarray(running.take(places, axis=1) - weights.take(places, axis=1))
