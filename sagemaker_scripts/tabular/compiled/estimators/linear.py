"""Linear models by NumPy: logistic regression and ridge.

Each row is summed alone, not by a matrix product, so that its result does not depend on the other rows of a batch.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tabular.compiled.estimators.links import expit, softmax
from tabular.compiled.files import read_arrays, write_arrays


def store(model: Any, batches: Iterable[np.ndarray], folder: Path) -> dict[str, Any]:
    """Write the coefficients, and the means of the training rows for contributions."""
    coefficients = np.atleast_2d(model.coef_)
    arrays = {
        "coefficients": coefficients,
        "intercepts": np.broadcast_to(model.intercept_, len(coefficients)).astype("float64"),
        "means": _means(batches),
    }
    classes = getattr(model, "classes_", None)
    link = "identity" if classes is None else "expit" if len(classes) <= 2 else "softmax"
    return {"file": write_arrays(folder, "estimator", arrays), "link": link}


def _means(batches: Iterable[np.ndarray]) -> np.ndarray:
    sums, count = np.zeros(()), 0
    for batch in batches:
        sums, count = sums + batch.sum(axis=0), count + len(batch)
    return np.asarray(sums / count)


class Linear:
    """A linear model."""

    shap = "linear SHAP"
    """Its contributions are SHAP values of independent features (Lundberg and Lee 2017, "Linear SHAP")."""

    def __init__(self, content: Mapping[str, Any], folder: Path) -> None:
        arrays = read_arrays(folder / content["file"])
        self._coefficients, self._intercepts = arrays["coefficients"], arrays["intercepts"]
        self._means, self._link = arrays["means"], content["link"]

    def predict(self, encoded: np.ndarray) -> np.ndarray:
        """Return (n,) numbers, or (n, classes) probabilities."""
        scores = np.einsum("ij,kj->ik", encoded, self._coefficients) + self._intercepts
        if self._link == "identity":
            return np.asarray(scores[:, 0])
        if self._link == "softmax":
            return softmax(scores)
        positive = expit(scores[:, 0])
        return np.column_stack([1 - positive, positive])

    def contributions(self, encoded: np.ndarray) -> np.ndarray:
        """Return each feature's part of the score (log-odds for classes), against the mean training row."""
        parts = (encoded - self._means)[:, None, :] * self._coefficients
        bias = self._intercepts + self._coefficients @ self._means
        full = np.concatenate([parts, np.broadcast_to(bias[:, None], (*parts.shape[:2], 1))], axis=2)
        return full if self._link == "softmax" else full[:, 0]
