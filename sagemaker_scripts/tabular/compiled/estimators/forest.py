"""Random forests of scikit-learn, by NumPy.

scikit-learn compares 32-bit features with 64-bit thresholds. Each threshold is stored as the 32-bit float that divides
the 32-bit floats in the same way. The values of leaves stay 64-bit floats, and NumPy adds them in scikit-learn's order.
So the result has the same bits as scikit-learn's in one thread.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tabular.compiled.files import read_arrays, write_arrays
from tabular.compiled.trees import Trees, joined

AT_ONCE = 100
"""The number of rows that go down all trees together. Their arrays stay in the processor's cache."""
MANY, MOST = 400, 2**14
"""From more rows than MANY, one tree after the other is faster, for up to MOST rows together."""


def store(model: Any, batches: Iterable[np.ndarray], folder: Path) -> dict[str, Any]:
    """Write the trees, with the values of all nodes."""
    trees = [estimator.tree_ for estimator in model.estimators_]
    arrays, places = joined([_arrays(tree) for tree in trees])
    arrays["values"] = np.concatenate([tree.value[:, 0, :] for tree in trees])[places]
    return {"file": write_arrays(folder, "estimator", arrays), "classifier": hasattr(model, "classes_")}


def _arrays(tree: Any) -> dict[str, np.ndarray]:
    return {
        "feature": tree.feature,
        "threshold": below(tree.threshold),
        "left": tree.children_left,
        "right": tree.children_right,
    }


def below(thresholds: np.ndarray) -> np.ndarray:
    """Return the 32-bit floats t of (n,) 64-bit thresholds so that x < t where x <= threshold, for 32-bit floats x."""
    with np.errstate(over="ignore"):
        nearest = thresholds.astype("float32")
        largest = np.where(nearest > thresholds, np.nextafter(nearest, np.float32(-np.inf)), nearest)
        return np.asarray(np.nextafter(largest, np.float32(np.inf)), dtype="float32")


class Forest:
    """A random forest."""

    def __init__(self, content: Mapping[str, Any], folder: Path) -> None:
        arrays = read_arrays(folder / content["file"])
        self._trees, self._values = Trees.of(arrays), arrays["values"]
        self._classifier = content["classifier"]

    def predict(self, encoded: np.ndarray) -> np.ndarray:
        """Return (n,) numbers, or (n, classes) probabilities: the mean of the trees."""
        sums = np.empty((len(encoded), self._values.shape[1]))
        size = MOST if len(encoded) > MANY else AT_ONCE
        for first in range(0, len(encoded), size):
            rows = slice(first, first + size)
            sums[rows] = self._sums(encoded[rows])
        means = sums / len(self._trees.roots)
        return means if self._classifier else means[:, 0]

    def _sums(self, encoded: np.ndarray) -> np.ndarray:
        """Return the (n, outputs) sums of the trees' values, tree by tree."""
        if len(encoded) <= AT_ONCE:
            return np.asarray(np.add.accumulate(self._values[self._trees.leaves(encoded)], axis=1)[:, -1])
        sums = np.zeros((len(encoded), self._values.shape[1]))
        for leaves in self._trees.leaves_by_tree(encoded):
            sums += self._values.take(leaves, axis=0)
        return sums

    def contributions(self, encoded: np.ndarray) -> np.ndarray:
        """Return each feature's part of the probability or number: the changes of a node's value along the paths."""
        count, width, outputs = len(encoded), encoded.shape[1], self._values.shape[1]
        found, rows = np.zeros((count, width + 1, outputs)), np.arange(count)[:, None]
        found[:, width] = self._values[self._trees.roots].sum(axis=0)
        nodes, *below_root = self._trees.levels(encoded)
        for children in below_root:
            np.add.at(found, (rows, self._trees.feature[nodes]), self._values[children] - self._values[nodes])
            nodes = children
        found = found.transpose(0, 2, 1) / len(self._trees.roots)
        return found[:, -1] if outputs <= 2 else found
