"""XGBoost: by NumPy for few rows, and by the C API of its library (`xgboost/c_api.h`) for more and for contributions.

The Python package is not imported: it would import pandas and SciPy. NumPy adds the leaves as 32-bit floats in the
library's order, and training checks that both give the same bits.
"""

import ctypes
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tabular.compiled.estimators.xgboost_trees import FewRows, few_rows
from tabular.compiled.files import write, write_arrays
from tabular.compiled.native import library

VALUE, CONTRIBUTIONS = 0, 2
"""The types of predictions of the C API."""
BOOSTERS = ("gbtree", "dart")


def store(model: Any, encoded: np.ndarray, folder: Path) -> dict[str, Any]:
    """Write the booster and, where NumPy gives the same bits, its trees. Raises ValueError for a linear booster."""
    booster = model.get_booster()
    learner = json.loads(booster.save_raw("json"))["learner"]
    if learner["gradient_booster"]["name"] not in BOOSTERS:
        raise ValueError(f"the booster {learner['gradient_booster']['name']}")
    best = booster.attr("best_iteration")
    content: dict[str, Any] = {
        "file": write(folder, "estimator", "ubj", bytes(booster.save_raw("ubj"))),
        "outputs": max(int(learner["learner_model_param"]["num_class"]), 1),
        "classifier": hasattr(model, "classes_"),
        "iterations": 0 if best is None else int(best) + 1,
        "width": booster.num_features(),
        "few_rows": None,
    }
    if (arrays := few_rows(learner, content["iterations"])) is not None:
        file = write_arrays(folder, "trees", arrays)
        with_trees = {**content, "few_rows": {"file": file, "objective": learner["objective"]["name"]}}
        if _same_bits(Booster(with_trees, folder), encoded):
            return with_trees
        (folder / file).unlink()
    return content


def _same_bits(booster: "Booster", encoded: np.ndarray) -> bool:
    rows = np.ascontiguousarray(encoded[:CHECKED], "float32")
    return booster.few is not None and np.array_equal(booster.few.predict(rows), booster.by_library(rows))


CHECKED = 2000
"""The most training rows by which NumPy's bits are compared with the library's."""


class Booster:
    """A trained XGBoost model."""

    def __init__(self, content: Mapping[str, Any], folder: Path) -> None:
        opened = library("xgboost")
        if opened is None:
            raise ValueError(f"{folder}: expected the library of the package xgboost, found none. Install xgboost")
        opened.XGBGetLastError.restype = ctypes.c_char_p
        self._library, self._handle = opened, ctypes.c_void_p()
        self._outputs, self._classifier = content["outputs"], content["classifier"]
        self._settings = [_settings(kind, content["iterations"]) for kind in (VALUE, CONTRIBUTIONS)]
        self._require(opened.XGBoosterCreate(None, ctypes.c_uint64(0), ctypes.byref(self._handle)))
        self._require(opened.XGBoosterLoadModel(self._handle, str(folder / content["file"]).encode()))
        self.use_threads(1)
        few = content["few_rows"]
        self.few = FewRows(folder / few["file"], few["objective"]) if few else None

    def __del__(self) -> None:
        if self._handle:
            self._library.XGBoosterFree(self._handle)

    def predict(self, encoded: np.ndarray) -> np.ndarray:
        """Return (n,) numbers, or (n, classes) probabilities."""
        if self.few and len(encoded) <= self.few.most and not math.isnan(encoded.sum()):
            values = self.few.predict(encoded)
        else:
            values = self.by_library(encoded)
        if not self._classifier or self._outputs > 1:
            return values.astype("float64")
        found = np.empty((len(values), 2))
        found[:, 0], found[:, 1] = np.float32(1) - values, values
        return found

    def by_library(self, encoded: np.ndarray) -> np.ndarray:
        """Return the (n,) or (n, outputs) values of the library, as 32-bit floats."""
        shape, dimensions, values = ctypes.c_void_p(), ctypes.c_uint64(), ctypes.c_void_p()
        found = (ctypes.byref(shape), ctypes.byref(dimensions), ctypes.byref(values))
        rows = _array(encoded)
        self._require(self._library.XGBoosterPredictFromDense(self._handle, rows, self._settings[0], None, *found))
        return self._copied(values, len(encoded), self._outputs)

    def contributions(self, encoded: np.ndarray) -> np.ndarray:
        """Return each feature's SHAP value, in the unit of the margin (log-odds for classes)."""
        rows, matrix = _array(encoded), ctypes.c_void_p()
        setting = json.dumps({"missing": math.nan, "nthread": 1}).encode()
        self._require(self._library.XGDMatrixCreateFromDense(rows, setting, ctypes.byref(matrix)))
        try:
            shape, dimensions, values = ctypes.c_void_p(), ctypes.c_uint64(), ctypes.c_void_p()
            found = (ctypes.byref(shape), ctypes.byref(dimensions), ctypes.byref(values))
            self._require(self._library.XGBoosterPredictFromDMatrix(self._handle, matrix, self._settings[1], *found))
            parts = self._copied(values, len(encoded), self._outputs * (encoded.shape[1] + 1))
        finally:
            self._library.XGDMatrixFree(matrix)
        full = parts.astype("float64").reshape(len(encoded), self._outputs, -1)
        return full if self._outputs > 1 else full[:, 0]

    def use_threads(self, threads: int) -> None:
        """Predict by the library with so many threads."""
        self._require(self._library.XGBoosterSetParam(self._handle, b"nthread", str(threads).encode()))

    @staticmethod
    def _copied(values: ctypes.c_void_p, count: int, outputs: int) -> np.ndarray:
        found = np.frombuffer(ctypes.string_at(values, count * outputs * 4), "float32")
        return found if outputs == 1 else found.reshape(count, outputs)

    def _require(self, status: int) -> None:
        if status:
            raise RuntimeError(f"xgboost: {self._library.XGBGetLastError().decode()}")


def _settings(kind: int, iterations: int) -> bytes:
    content = {"type": kind, "training": False, "iteration_begin": 0, "iteration_end": iterations}
    return json.dumps({**content, "strict_shape": False, "cache_id": 0, "missing": math.nan}).encode()


def _array(encoded: np.ndarray) -> bytes:
    """Return NumPy's array interface of a C-ordered matrix of 32-bit floats, as JSON."""
    address, (count, width) = encoded.__array_interface__["data"][0], encoded.shape
    return b'{"data":[%d,false],"shape":[%d,%d],"typestr":"<f4","version":3}' % (address, count, width)
