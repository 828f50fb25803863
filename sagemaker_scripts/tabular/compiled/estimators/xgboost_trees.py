"""XGBoost's trees by NumPy, for few rows: the C API takes 40 µs and more before its first tree."""

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tabular.compiled.complete_trees import CompleteTrees
from tabular.compiled.files import read_arrays
from tabular.compiled.trees import Trees, joined

MOST = 9600
"""The largest number of rows times trees for which NumPy is faster than the C API."""
EPSILON, LARGEST_EXPONENT = np.float32(1e-16), np.float32(88.7)
"""The constants of XGBoost's sigmoid (`src/common/math.h`)."""
_LARGEST_EXPONENT = float(LARGEST_EXPONENT)


def few_rows(learner: dict[str, Any], iterations: int) -> dict[str, np.ndarray] | None:
    """Return the arrays of a booster's trees, or None for a booster that NumPy does not compute."""
    booster, model = learner["gradient_booster"], learner["gradient_booster"].get("model", {})
    plain = booster["name"] == "gbtree" and not any(tree["categories"] for tree in model["trees"])
    if learner["objective"]["name"] not in TRANSFORMS or not plain:
        return None
    count = model["iteration_indptr"][iterations] if iterations else len(model["trees"])
    groups = max(int(learner["learner_model_param"]["num_class"]), 1)
    info = np.array(model["tree_info"][:count], dtype=np.intp)
    sizes = np.bincount(info, minlength=groups)
    if not count or (sizes != sizes[0]).any():
        return None
    order = np.argsort(info, kind="stable")
    base = np.array(_numbers(learner["learner_model_param"]["base_score"]), "float32")
    margin = -np.log(1 / base - 1, dtype="float32") if learner["objective"]["name"] == "binary:logistic" else base
    trees = [_arrays(model["trees"][number]) for number in order]
    arrays, places = joined(trees)
    leaves = np.concatenate([tree["threshold"] for tree in trees])[places]  # those of inner nodes are not read
    return {**arrays, "leaves": leaves, "base": np.broadcast_to(margin, groups).astype("float32")}


def _numbers(text: str) -> list[float]:
    return [float(number) for number in text.strip("[]").split(",")]


def _arrays(tree: dict[str, Any]) -> dict[str, np.ndarray]:
    return {
        "feature": np.array(tree["split_indices"]),
        "threshold": np.array(tree["split_conditions"], "float32"),  # that of a leaf is its value
        "left": np.array(tree["left_children"]),
        "right": np.array(tree["right_children"]),
    }


class FewRows:
    """The trees of a booster, in the order of the outputs that they add to."""

    def __init__(self, path: Path, objective: str) -> None:
        arrays = read_arrays(path)
        trees = Trees.of(arrays)
        complete = CompleteTrees.of(trees)
        self._trees = complete or trees
        self._values = arrays["leaves"][complete.nodes] if complete else arrays["leaves"]
        self._base, self._transform = arrays["base"], TRANSFORMS[objective]
        self._trees_of_each = len(trees.roots) // len(self._base)
        self.most = MOST // len(trees.roots)
        """The largest number of rows for which this is faster than the C API."""

    def predict(self, encoded: np.ndarray) -> np.ndarray:
        """Return the (n, outputs) values of rows without NaN, as 32-bit floats."""
        count, outputs, trees = len(encoded), len(self._base), self._trees_of_each
        sums = np.empty((count, outputs, trees + 1), "float32")  # of the base, then tree by tree
        sums[:, :, 0] = self._base
        sums[:, :, 1:] = self._values.take(self._trees.leaves(encoded)).reshape(count, outputs, trees)
        return self._transform(np.add.accumulate(sums, axis=2)[:, :, -1])


_exp: Callable[[float], float] = ctypes.CDLL(None).expf
_exp.restype, _exp.argtypes = ctypes.c_float, [ctypes.c_float]  # type: ignore[attr-defined]


def _exponential(values: np.ndarray) -> np.ndarray:
    """Return e to the power of 32-bit floats by the C library, as XGBoost does. NumPy's last bit may differ."""
    return np.array([_exp(value) for value in values.ravel().tolist()], "float32").reshape(values.shape)


def _sigmoid(margins: np.ndarray) -> np.ndarray:
    if margins.size == 1:  # NumPy's scalars have the same bits, and take half the time
        power = np.float32(_exp(min(-margins.item(), _LARGEST_EXPONENT)))
        return np.array([[np.float32(1) / (power + np.float32(1) + EPSILON)]])
    powers = _exponential(np.minimum(-margins, LARGEST_EXPONENT))
    return np.asarray(np.float32(1) / (powers + np.float32(1) + EPSILON))


def _softmax(margins: np.ndarray) -> np.ndarray:
    powers = _exponential(margins - margins.max(axis=1, keepdims=True))
    sums = np.add.accumulate(powers.astype("float64"), axis=1)[:, -1:]
    return np.asarray(powers / sums.astype("float32"))


TRANSFORMS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "binary:logistic": _sigmoid,
    "multi:softprob": _softmax,
    "reg:squarederror": lambda margins: margins,
}
"""From the (n, outputs) margins to the values, by objective."""
