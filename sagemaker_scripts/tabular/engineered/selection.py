"""Selection of encoded features: by variance, by mutual information with the target, by permutation.

A. Kraskov, H. Stögbauer, P. Grassberger (2004), "Estimating mutual information"; L. Breiman (2001), "Random forests".
"""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.feature_selection import mutual_info_classif, mutual_info_regression
from sklearn.inspection import permutation_importance
from sklearn.model_selection import train_test_split

MOST_ROWS = 10_000
"""The most rows that mutual information and permutations are estimated from."""
TREES, LEAST_IN_LEAF = 50, 5
"""The random forest whose predictions permutations make worse."""
HELD_OUT = 0.25
"""The share of the rows that judge it."""


class Selection(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Keeps some of the columns of an encoded matrix."""

    def __init__(
        self,
        classes: int = 0,
        variance: float | None = None,
        mutual_information: int | None = None,
        permutation: dict[str, Any] | None = None,
        seed: int = 0,
    ) -> None:
        """The rules are those of `training.selection`. `classes` is the number of classes; 0 for a regression."""
        self.classes, self.seed = classes, seed
        self.variance, self.mutual_information, self.permutation = variance, mutual_information, permutation

    def fit(self, matrix: np.ndarray, target: np.ndarray) -> Self:
        """Choose the columns by an (n, encoded) matrix and the (n,) target. Raises ValueError if a rule leaves none."""
        self.n_features_in_ = matrix.shape[1]
        self.kept_ = np.arange(matrix.shape[1])
        if self.variance is not None:
            self._keep("variance", matrix.var(axis=0) > self.variance)
        if self.mutual_information is not None:
            self._keep("mutual_information", self._most_information(*self._sample(matrix, target)))
        if self.permutation is not None:
            self._keep("permutation", self._importance(*self._sample(matrix, target)) > self.permutation["above"])
        return self

    def transform(self, matrix: np.ndarray) -> np.ndarray:
        """Return the (n, kept) columns."""
        return np.asarray(matrix)[:, self.kept_]

    def _keep(self, rule: str, mask: np.ndarray) -> None:
        if not mask.any():
            found = f"none of {len(mask)}. Use a lower limit"
            raise ValueError(f"training.selection.{rule}: expected features that it keeps; found {found}")
        self.kept_ = self.kept_[mask]

    def _sample(self, matrix: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        places = np.arange(len(matrix))
        if len(places) > MOST_ROWS:
            places = np.sort(np.random.default_rng(self.seed).choice(places, MOST_ROWS, replace=False))
        return matrix[np.ix_(places, self.kept_)], target[places]

    def _most_information(self, matrix: np.ndarray, target: np.ndarray) -> np.ndarray:
        """Return the mask of the columns with the most information; of equal ones, the first."""
        discrete = np.array([len(np.unique(column)) <= 2 for column in matrix.T])
        estimate = mutual_info_classif if self.classes else mutual_info_regression
        marked = np.where(discrete, matrix > matrix.min(axis=0), matrix)  # discrete values as whole numbers
        information = estimate(marked, target, discrete_features=discrete, random_state=self.seed)
        mask = np.zeros(len(information), dtype=bool)
        mask[np.argsort(-information, kind="stable")[: self.mutual_information]] = True
        return mask

    def _importance(self, matrix: np.ndarray, target: np.ndarray) -> np.ndarray:
        """Return how much worse held-out rows are predicted without each column."""
        settings = {"n_estimators": TREES, "min_samples_leaf": LEAST_IN_LEAF, "random_state": self.seed}
        forest = (RandomForestClassifier if self.classes else RandomForestRegressor)(**settings)
        fitted, held_out, known, truth = train_test_split(
            matrix, target, test_size=HELD_OUT, random_state=self.seed, stratify=target if self.classes else None
        )
        repeats = (self.permutation or {})["repeats"]
        scoring = "neg_log_loss" if self.classes else "r2"
        found = permutation_importance(
            forest.fit(fitted, known), held_out, truth, scoring=scoring, n_repeats=repeats, random_state=self.seed
        )
        return np.asarray(found.importances_mean)
