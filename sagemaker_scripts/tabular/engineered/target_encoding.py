"""Target encoding inside folds: a training row's category is encoded by the rows of the other folds only.

D. Micci-Barreca (2001), "A preprocessing scheme for high-cardinality categorical attributes in classification and
prediction problems", by scikit-learn's TargetEncoder. The folds are those of the rows' groups or times where the use
case splits by them, which the TargetEncoder itself does not know.
"""

from collections.abc import Sequence
from typing import Literal, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.preprocessing import TargetEncoder

from tabular.folds import Fold, FoldKeys, partition

FOLDS = 5
"""The number of folds; fewer where the rows have fewer groups or times."""


def encoding_folds(keys: FoldKeys, classes: np.ndarray | None, seed: int) -> list[Fold]:
    """Return the folds of n training rows. `classes` has their (n,) class numbers; None for numbers.

    Raises ValueError for fewer than two groups or times.
    """
    for count in range(FOLDS, 1, -1):
        try:
            found = partition(keys, classes, count, seed)
        except ValueError:
            continue
        if all(len(fitted) and len(encoded) for fitted, encoded in found):
            return found
    raise ValueError(
        "target_encoding: expected training rows of two groups, times or more; found fewer. Use more rows, or count "
        "instead of target_encoding"
    )


class TargetEncoding(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Replaces a key by the mean of the target in the training rows with it, or by the share of each of its classes.

    A key that no training row has gets the mean of all rows.
    """

    def __init__(
        self,
        classes: int = 0,
        smoothing: float | Literal["auto"] = "auto",
        seed: int = 0,
        folds: Sequence[Fold] | None = None,
    ) -> None:
        """`classes` is the number of classes; 0 for a number. By default the folds are drawn at random by `seed`."""
        self.classes, self.smoothing, self.seed, self.folds = classes, smoothing, seed, folds

    def fit(self, keys: np.ndarray, target: np.ndarray) -> Self:
        """Learn the means of (n, 1) keys from the (n,) target: class numbers, or numbers."""
        self.n_features_in_ = 1
        self.encoders_ = [self._fitted(keys, each) for each in self._targets(target)]
        self.keys_ = self.encoders_[0].categories_[0]
        return self

    def transform(self, keys: np.ndarray) -> np.ndarray:
        """Return the (n, 1) means; of three classes or more, the (n, classes) shares."""
        return np.hstack([encoder.transform(keys) for encoder in self.encoders_])

    def fit_transform(self, keys: np.ndarray, target: np.ndarray) -> np.ndarray:
        """Learn from all rows, and encode each by the rows of the other folds."""
        self.fit(keys, target)
        folds = self.folds or self._random_folds(target)
        found = np.empty((len(keys), len(self.encoders_)))
        for column, each in enumerate(self._targets(target)):
            for fitted, encoded in folds:
                found[encoded, column] = self._fitted(keys[fitted], each[fitted]).transform(keys[encoded])[:, 0]
        return found

    def _random_folds(self, target: np.ndarray) -> list[Fold]:
        keys = FoldKeys("random", np.zeros(len(target), dtype="int64"))
        return encoding_folds(keys, target if self.classes else None, self.seed)

    def _targets(self, target: np.ndarray) -> list[np.ndarray]:
        """Return the (n,) numbers whose means are learnt: the target, or whether it is the class."""
        if not self.classes:
            return [np.asarray(target, dtype="float64")]
        numbers = [1] if self.classes == 2 else range(self.classes)
        return [np.asarray(target == number, dtype="float64") for number in numbers]

    def _fitted(self, keys: np.ndarray, target: np.ndarray) -> TargetEncoder:
        return TargetEncoder(target_type="continuous", smooth=self.smoothing).fit(keys, target)
