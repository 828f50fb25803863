"""The steps of scikit-learn that engineered features are fitted with: keys of categories, bins of numbers, counts."""

from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin

from tabular.engineered.keys import keys_of

MISSING = "missing"
"""The bin of a missing number."""


class Keys(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Combines the categories of columns to one text a row."""

    def fit(self, columns: pd.DataFrame, target: Any = None) -> Self:
        """Learn nothing but the number of columns."""
        self.n_features_in_ = columns.shape[1]
        return self

    def transform(self, columns: pd.DataFrame) -> np.ndarray:
        """Return the (n, 1) keys of n rows."""
        codes, texts = [], []
        for name in columns:
            found, known = pd.factorize(columns[name])
            codes.append(np.where(found < 0, len(known), found))
            texts.append([*known, None])
        keys, rows = keys_of(codes, texts)
        return np.asarray(np.array([*keys, None], dtype=object)[rows][:, None])


class Bins(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Divides the numbers of a column into ranges. Bin i has the numbers from edge i-1 on, below edge i."""

    def __init__(
        self, count: int | None = None, by: Literal["quantile", "width"] | None = None, edges: Any = None
    ) -> None:
        """`count` bins of the training rows, or the limits `edges` between bins."""
        self.count, self.by, self.edges = count, by, edges

    def fit(self, column: Any, target: Any = None) -> Self:
        """Learn the limits from an (n, 1) column, in which NaN is a missing value."""
        numbers = _numbers(column)
        numbers = numbers[~np.isnan(numbers)]
        self.n_features_in_ = 1
        if self.edges is not None or self.count is None:
            self.edges_ = np.array(self.edges, dtype="float64")
        elif self.by == "width":
            self.edges_ = np.linspace(numbers.min(), numbers.max(), self.count + 1)[1:-1]
        else:
            self.edges_ = np.quantile(numbers, np.arange(1, self.count) / self.count)
        self.edges_ = np.unique(self.edges_)
        return self

    def transform(self, column: Any) -> np.ndarray:
        """Return the (n, 1) bins as texts: their numbers from 0, or MISSING."""
        numbers = _numbers(column)
        names = np.array([*map(str, range(len(self.edges_) + 1)), MISSING], dtype=object)
        places = np.searchsorted(self.edges_, numbers, side="right")
        return np.asarray(names[np.where(np.isnan(numbers), len(names) - 1, places)][:, None])


def _numbers(column: Any) -> np.ndarray:
    return np.asarray(column, dtype="float64")[:, 0]


class Counts(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Replaces a key by the number of training rows with it."""

    def fit(self, keys: np.ndarray, target: Any = None) -> Self:
        """Count the (n, 1) keys of n rows."""
        self.n_features_in_ = 1
        self.keys_, self.counts_ = np.unique(keys[:, 0], return_counts=True)
        return self

    def transform(self, keys: np.ndarray) -> np.ndarray:
        """Return the (n, 1) counts; 0 for a key that no training row has."""
        counts = dict(zip(self.keys_.tolist(), self.counts_.tolist(), strict=True))
        return np.array([[counts.get(key, 0)] for key in keys[:, 0]], dtype="float64")
