"""How many rows of a class, and of the rest, lie above each threshold of its probability."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from tabular.evidence.judged import JudgedRows

CURVE_POINTS = 200
"""The most points of a curve."""


@dataclass(frozen=True)
class Above:
    """The counts above t thresholds: first above all rows, then at each distinct probability, the highest first."""

    hits: np.ndarray
    """(t,) rows of the class."""
    others: np.ndarray
    """(t,) other rows."""

    @classmethod
    def of(cls, probabilities: np.ndarray, positive: np.ndarray) -> Self:
        """Count rows by their (n,) probabilities of a class; `positive` (n,) tells which rows are of it."""
        order = np.argsort(-probabilities, kind="stable")
        ranked, positive = probabilities[order], positive[order]
        last = np.flatnonzero(np.r_[ranked[1:] != ranked[:-1], True])
        hits = np.cumsum(positive)[last]
        return cls(np.r_[0, hits], np.r_[0, last + 1 - hits])

    @property
    def rows(self) -> np.ndarray:
        """(t,) rows above each threshold."""
        return np.asarray(self.hits + self.others)


def curve(**axes: np.ndarray) -> dict[str, list[float]]:
    """Return the (t,) values of each axis as lists, thinned to CURVE_POINTS of them, with the first and the last."""
    count = len(next(iter(axes.values())))
    keep = np.linspace(0, count - 1, min(count, CURVE_POINTS)).astype(int)
    return {name: values[keep].astype(float).tolist() for name, values in axes.items()}


def shown_classes(judged: JudgedRows) -> list[int]:
    """Return the numbers of the classes that curves are drawn of: the positive one of two, or each that has rows."""
    numbers = [1] if judged.contract.task == "binary" else range(len(judged.contract.classes))
    return [number for number in numbers if (judged.truth == number).any() and (judged.truth != number).any()]
