"""Stacks: a linear model predicts from what other estimators predict, and from the features if they are passed on."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tabular.compiled.estimators.linear import Linear
from tabular.compiled.estimators.linear import store as store_linear
from tabular.compiled.unknown import Unknown

if TYPE_CHECKING:
    from tabular.compiled.estimators import Estimator

METHODS = {"predict", "predict_proba"}


def store(model: Any, batches: Iterable[np.ndarray], folder: Path) -> dict[str, Any]:
    """Write the files of every part and of the last model. Raises Unknown for a part that is not compiled."""
    from tabular.compiled.estimators import CLASSES, KINDS  # they have this module

    if strange := set(model.stack_method_) - METHODS:
        raise Unknown(f"a stack by {', '.join(sorted(strange))}")
    encoded, parts = list(batches), list[dict[str, Any]]()
    for part in model.estimators_:
        if (kind := CLASSES.get(type(part).__name__)) is None:
            raise Unknown(f"the part {type(part).__name__}")
        rows = (batch.astype(KINDS[kind].dtype) for batch in encoded)
        parts.append({"kind": kind, **KINDS[kind].store(part, rows, folder)})
    if CLASSES.get(type(model.final_estimator_).__name__) != "linear":
        raise Unknown(f"the last model {type(model.final_estimator_).__name__}")
    content = {"parts": parts, "passthrough": model.passthrough}
    features = _Parts(content, folder)
    return {**content, "last": store_linear(model.final_estimator_, map(features.predicted, encoded), folder)}


class _Parts:
    """The parts of a stack."""

    def __init__(self, content: Mapping[str, Any], folder: Path) -> None:
        self._parts = list(_loaded(content["parts"], folder))
        self._passthrough = content["passthrough"]

    def predicted(self, encoded: np.ndarray) -> np.ndarray:
        """Return the (n, features) input of the last model: as scikit-learn has it, the second of two classes only."""
        found = [_columns(part.predict(encoded.astype(dtype))) for dtype, part in self._parts]
        return np.hstack([*found, encoded] if self._passthrough else found)


def _loaded(parts: Sequence[Mapping[str, Any]], folder: Path) -> Iterator[tuple[str, "Estimator"]]:
    from tabular.compiled.estimators import KINDS  # it has this module

    for part in parts:
        yield KINDS[part["kind"]].dtype, KINDS[part["kind"]].load(part, folder)


def _columns(predicted: np.ndarray) -> np.ndarray:
    if predicted.ndim == 1:
        return predicted[:, None]
    return predicted[:, 1:] if predicted.shape[1] == 2 else predicted


class Stack:
    """A stack of estimators."""

    def __init__(self, content: Mapping[str, Any], folder: Path) -> None:
        self._parts, self._last = _Parts(content, folder), Linear(content["last"], folder)

    def predict(self, encoded: np.ndarray) -> np.ndarray:
        """Return (n,) numbers, or (n, classes) probabilities."""
        return self._last.predict(self._parts.predicted(encoded))

    def contributions(self, encoded: np.ndarray) -> np.ndarray:
        """Raise ValueError: a stack's prediction is no sum of its features' parts."""
        raise ValueError("contributions: expected a linear model or trees; found a stack")
