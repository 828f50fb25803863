"""Calibrated probabilities, from the bins of an evaluation's held-out rows.

`evaluation.json` has, for each class, bins of its probability: the mean probability, the observed share, the rows
(`tabular.evidence.calibration`). A calibrator is the isotonic regression of the shares (Zadrozny and Elkan 2002),
linear between the bins. Beyond the outermost bins the correction is constant, so that the order of the rows is kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np


@dataclass(frozen=True, eq=False)
class Calibrator:
    """Corrects the probability of one class."""

    probability: np.ndarray
    """(k,) the mean probabilities of the bins, ascending."""
    share: np.ndarray
    """(k,) the shares of the class, not decreasing."""
    rows: np.ndarray
    """(k,) the held-out rows of the bins."""

    @classmethod
    def fit(cls, probability: np.ndarray, share: np.ndarray, rows: np.ndarray) -> Self:
        """Fit the observed (k,) shares of bins."""
        from scipy.optimize import isotonic_regression  # takes a third of a second to import

        order = np.argsort(probability, kind="stable")
        fitted = isotonic_regression(share[order], weights=rows[order].astype("float64")).x
        return cls(probability[order], np.asarray(fitted), rows[order])

    def of(self, output: np.ndarray) -> np.ndarray:
        """Return the (n,) calibrated probabilities of (n,) outputs."""
        correction = np.interp(output, self.probability, self.share - self.probability)
        return np.asarray(np.clip(output + correction, 0, 1))

    def drawn(self, random: np.random.Generator) -> "Calibrator":
        """Return the calibrator of other held-out rows of the same kind: a parametric bootstrap of the shares."""
        smoothed = (self.share * self.rows + 0.5) / (self.rows + 1)  # so that a share of 0 or 1 is uncertain too
        hits = random.binomial(self.rows, smoothed)
        return Calibrator.fit(self.probability, hits / self.rows, self.rows)


def calibrators_of(evidence: Mapping[str, Any], classes: Sequence[str]) -> dict[int, Calibrator]:
    """Return the calibrators by class number, from an evaluation's `calibration`.

    A binary task has that of the second class. A class without held-out rows has none.
    """
    found = evidence.get("calibration") or {}
    return {number: _fitted(found[name]) for number, name in enumerate(classes) if name in found}


def _fitted(bins: Mapping[str, Sequence[float]]) -> Calibrator:
    return Calibrator.fit(*(np.asarray(bins[name]) for name in ("probability", "share", "rows")))


def calibrated(output: np.ndarray, calibrators: Mapping[int, Calibrator]) -> np.ndarray:
    """Return the (n, classes) calibrated probabilities of (n, classes) outputs. Each row's sum is 1.

    A class without a calibrator keeps its probability. A row whose probabilities are all 0 keeps them uncorrected.
    """
    if output.shape[1] == 2 and 1 in calibrators:
        second = calibrators[1].of(output[:, 1])
        return np.column_stack([1 - second, second])
    columns = [
        calibrators[number].of(output[:, number]) if number in calibrators else output[:, number]
        for number in range(output.shape[1])
    ]
    found = np.column_stack(columns)
    sums = found.sum(axis=1, keepdims=True)
    return np.where(sums > 0, found / np.where(sums > 0, sums, 1), output)
