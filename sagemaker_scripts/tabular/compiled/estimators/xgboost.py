"""XGBoost: by NumPy for few rows, and by XGBoost's library for more and for contributions.

NumPy adds the leaves as 32-bit floats in the library's order. Training checks that both give the same bits.
"""

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tabular.compiled.estimators.xgboost_library import LibraryBooster
from tabular.compiled.estimators.xgboost_trees import FewRows, few_rows
from tabular.compiled.files import write, write_arrays
from tabular.compiled.unknown import Unknown

BOOSTERS = ("gbtree", "dart")
CHECKED = 2000
"""The most training rows by which NumPy's bits are compared with the library's."""


def store(model: Any, batches: Iterable[np.ndarray], folder: Path) -> dict[str, Any]:
    """Write the booster and, where NumPy gives the same bits, its trees. Raises Unknown for a linear booster."""
    booster = model.get_booster()
    learner = json.loads(booster.save_raw("json"))["learner"]
    if learner["gradient_booster"]["name"] not in BOOSTERS:
        raise Unknown(f"the booster {learner['gradient_booster']['name']}")
    best = booster.attr("best_iteration")
    content: dict[str, Any] = {
        "file": write(folder, "estimator", "ubj", bytes(booster.save_raw("ubj"))),
        "outputs": max(int(learner["learner_model_param"]["num_class"]), 1),
        "classifier": hasattr(model, "classes_"),
        "iterations": 0 if best is None else int(best) + 1,
        "few_rows": None,
    }
    if (arrays := few_rows(learner, content["iterations"])) is not None:
        file = write_arrays(folder, "trees", arrays)
        with_trees = {**content, "few_rows": {"file": file, "objective": learner["objective"]["name"]}}
        if Booster(with_trees, folder).has_equal_bits(next(iter(batches))[:CHECKED]):
            return with_trees
        (folder / file).unlink()
    return content


class Booster:
    """A trained XGBoost model."""

    shap = "TreeSHAP"
    """Its contributions are SHAP values by TreeSHAP (Lundberg et al. 2018)."""

    def __init__(self, content: Mapping[str, Any], folder: Path) -> None:
        self._outputs, self._classifier = content["outputs"], content["classifier"]
        self._library = LibraryBooster(folder / content["file"], content["iterations"])
        few = content["few_rows"]
        self._few = FewRows(folder / few["file"], few["objective"]) if few else None

    def predict(self, encoded: np.ndarray) -> np.ndarray:
        """Return (n,) numbers, or (n, classes) probabilities."""
        if self._few and len(encoded) <= self._few.most and not _has_nan(encoded):
            values = self._few.predict(encoded)
        else:
            values = self._library.values(encoded, self._outputs)
        if self._outputs > 1:
            return values.astype("float64")
        if not self._classifier:
            return values[:, 0].astype("float64")
        found = np.empty((len(values), 2))
        found[:, 0], found[:, 1] = np.float32(1) - values[:, 0], values[:, 0]
        return found

    def has_equal_bits(self, encoded: np.ndarray) -> bool:
        """Whether NumPy and the library give the same bits for rows."""
        few = self._few
        return few is not None and np.array_equal(few.predict(encoded), self._library.values(encoded, self._outputs))

    def contributions(self, encoded: np.ndarray) -> np.ndarray:
        """Return each feature's SHAP value, in the unit of the margin (log-odds for classes)."""
        full = self._library.contributions(encoded, self._outputs).astype("float64")
        return full if self._outputs > 1 else full[:, 0]


def _has_nan(encoded: np.ndarray) -> bool:
    """Whether a cell is NaN: the sum of squares is NaN only then, and takes one call."""
    cells = encoded.reshape(-1)
    return math.isnan(cells.dot(cells))
