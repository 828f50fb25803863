"""Neural networks of scikit-learn, by NumPy.

Each row is summed alone, not by a matrix product, so that its result does not depend on the other rows of a batch.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tabular.compiled.estimators.links import expit, softmax
from tabular.compiled.files import read_arrays, write_arrays
from tabular.compiled.unknown import Unknown

ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "exp": np.exp,
    "identity": lambda values: values,
    "logistic": expit,
    "relu": lambda values: np.maximum(values, 0),
    "softmax": softmax,
    "tanh": np.tanh,
}


def store(model: Any, batches: Iterable[np.ndarray], folder: Path) -> dict[str, Any]:
    """Write the weights of the layers. Raises Unknown for an activation of another kind."""
    for name in (model.activation, model.out_activation_):
        if name not in ACTIVATIONS:
            raise Unknown(f"the activation {name!r}")
    arrays = {f"weights_{layer}": weights for layer, weights in enumerate(model.coefs_)}
    arrays |= {f"intercepts_{layer}": intercepts for layer, intercepts in enumerate(model.intercepts_)}
    return {
        "file": write_arrays(folder, "estimator", arrays),
        "layers": len(model.coefs_),
        "activation": model.activation,
        "output": model.out_activation_,
        "classes": len(getattr(model, "classes_", ())),
    }


class Network:
    """A fully connected network."""

    def __init__(self, content: Mapping[str, Any], folder: Path) -> None:
        arrays = read_arrays(folder / content["file"])
        self._layers = [(arrays[f"weights_{n}"], arrays[f"intercepts_{n}"]) for n in range(content["layers"])]
        self._inner, self._outer = ACTIVATIONS[content["activation"]], ACTIVATIONS[content["output"]]
        self._classes = content["classes"]

    def predict(self, encoded: np.ndarray) -> np.ndarray:
        """Return (n,) numbers, or (n, classes) probabilities."""
        values = encoded
        for number, (weights, intercepts) in enumerate(self._layers, start=1):
            scores = np.einsum("ij,jk->ik", values, weights) + intercepts
            values = (self._outer if number == len(self._layers) else self._inner)(scores)
        if self._classes > 2:
            return values
        return np.column_stack([1 - values[:, 0], values[:, 0]]) if self._classes else values[:, 0]

    def contributions(self, encoded: np.ndarray) -> np.ndarray:
        """Raise ValueError: a network's prediction is no sum of its features' parts."""
        raise ValueError("contributions: expected a linear model or trees; found a neural network")
