"""The estimators of compiled models: each has what training stores of it, and what a server loads."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from tabular.compiled.estimators import forest, linear, network, stack, xgboost


class Estimator(Protocol):
    """Predicts encoded rows."""

    def predict(self, encoded: np.ndarray) -> np.ndarray:
        """Return (n,) numbers, or (n, classes) probabilities, as 64-bit floats."""

    def contributions(self, encoded: np.ndarray) -> np.ndarray:
        """Return (n, encoded + 1), or (n, classes, encoded + 1) for more than two classes. The last is the bias."""


@dataclass(frozen=True)
class Kind:
    """A kind of estimator."""

    dtype: str
    """The type of the matrix that it takes."""
    store: Callable[[Any, Iterable[np.ndarray], Path], dict[str, Any]]
    """Writes the files of a fitted estimator, given batches of encoded training rows. Returns what `load` needs."""
    load: Callable[[Mapping[str, Any], Path], Estimator]


KINDS: dict[str, Kind] = {
    "forest": Kind("float32", forest.store, forest.Forest),
    "linear": Kind("float64", linear.store, linear.Linear),
    "network": Kind("float64", network.store, network.Network),
    "stack": Kind("float64", stack.store, stack.Stack),
    "xgboost": Kind("float32", xgboost.store, xgboost.Booster),
}
CLASSES = {
    "ElasticNet": "linear",
    "LogisticRegression": "linear",
    "MLPClassifier": "network",
    "MLPRegressor": "network",
    "RandomForestClassifier": "forest",
    "RandomForestRegressor": "forest",
    "Ridge": "linear",
    "StackingClassifier": "stack",
    "StackingRegressor": "stack",
    "XGBClassifier": "xgboost",
    "XGBRegressor": "xgboost",
}
"""The kind of each class of estimators. Others are not compiled."""
