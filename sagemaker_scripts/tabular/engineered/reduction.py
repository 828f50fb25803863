"""Reduction of encoded features to principal components."""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import PCA

from tabular.engineered.projection import project


class Reduction(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Replaces the columns of an encoded matrix by their principal components, found by scikit-learn's PCA."""

    def __init__(self, components: int | None = None, variance: float | None = None) -> None:
        """Their number, or the least share of the variance that they explain together."""
        self.components, self.variance = components, variance

    def fit(self, matrix: np.ndarray, target: Any = None) -> Self:
        """Find the components of an (n, encoded) matrix. There are no more than it has rows or columns."""
        self.n_features_in_ = matrix.shape[1]
        size = min(self.components, *matrix.shape) if self.components is not None else self.variance
        found = PCA(size, svd_solver="full").fit(matrix)
        self.mean_, self.components_ = found.mean_, found.components_
        return self

    def transform(self, matrix: np.ndarray) -> np.ndarray:
        """Return the (n, components) coordinates."""
        return project(matrix, self.mean_, self.components_)
