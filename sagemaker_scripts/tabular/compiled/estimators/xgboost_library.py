"""XGBoost's C API (`xgboost/c_api.h`) by ctypes.

The Python package is not imported: it would import pandas and SciPy.
"""

import ctypes
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tabular.compiled.native import library

VALUES, CONTRIBUTIONS = 0, 2
"""The types of predictions."""


class LibraryBooster:
    """A booster in the library. It predicts in one thread, until `use_threads`."""

    def __init__(self, path: Path, iterations: int) -> None:
        """Read a booster from its file. It predicts with the first `iterations`, or with all for 0.

        Raises ValueError where XGBoost is not installed.
        """
        self._handle = ctypes.c_void_p()
        opened = library("xgboost")
        if opened is None:
            raise ValueError(f"{path}: expected the library of the package xgboost, found none. Install xgboost")
        opened.XGBGetLastError.restype = ctypes.c_char_p
        self._library, self._iterations = opened, iterations
        self._inplace = self._settings(VALUES)
        self._require(opened.XGBoosterCreate(None, ctypes.c_uint64(0), ctypes.byref(self._handle)))
        self._require(opened.XGBoosterLoadModel(self._handle, str(path).encode()))
        self.use_threads(1)

    def __del__(self) -> None:
        if self._handle:
            self._library.XGBoosterFree(self._handle)

    def use_threads(self, threads: int) -> None:
        """Predict with a number of threads."""
        self._require(self._library.XGBoosterSetParam(self._handle, b"nthread", str(threads).encode()))

    def values(self, encoded: np.ndarray, outputs: int) -> np.ndarray:
        """Return the (n, outputs) predictions of (n, encoded) rows, both 32-bit floats."""
        dense = (_array(encoded), self._inplace, None)
        return self._predicted((len(encoded), outputs), self._library.XGBoosterPredictFromDense, *dense)

    def contributions(self, encoded: np.ndarray, outputs: int) -> np.ndarray:
        """Return the (n, outputs, encoded + 1) SHAP values and bias of (n, encoded) rows, both 32-bit floats."""
        matrix, setting = ctypes.c_void_p(), json.dumps({"missing": math.nan, "nthread": 1}).encode()
        self._require(self._library.XGDMatrixCreateFromDense(_array(encoded), setting, ctypes.byref(matrix)))
        try:
            shape, settings = (len(encoded), outputs, encoded.shape[1] + 1), self._settings(CONTRIBUTIONS)
            return self._predicted(shape, self._library.XGBoosterPredictFromDMatrix, matrix, settings)
        finally:
            self._library.XGDMatrixFree(matrix)

    def _predicted(self, shape: tuple[int, ...], predict: Callable[..., int], *arguments: Any) -> np.ndarray:
        """Call one of the library's predictions, and copy its values: the thread's next one uses their buffer again."""
        sizes, dimensions, found = ctypes.c_void_p(), ctypes.c_uint64(), ctypes.c_void_p()
        pointers = (ctypes.byref(sizes), ctypes.byref(dimensions), ctypes.byref(found))
        self._require(predict(self._handle, *arguments, *pointers))
        return np.frombuffer(ctypes.string_at(found, 4 * math.prod(shape)), "float32").reshape(shape)

    def _settings(self, kind: int) -> bytes:
        content = {"type": kind, "training": False, "iteration_begin": 0, "iteration_end": self._iterations}
        return json.dumps({**content, "strict_shape": False, "cache_id": 0, "missing": math.nan}).encode()

    def _require(self, status: int) -> None:
        if status:
            raise RuntimeError(f"xgboost: {self._library.XGBGetLastError().decode()}")


def _array(encoded: np.ndarray) -> bytes:
    """Return NumPy's array interface of a C-ordered matrix of 32-bit floats, as JSON."""
    address, (count, width) = encoded.__array_interface__["data"][0], encoded.shape
    return b'{"data":[%d,false],"shape":[%d,%d],"typestr":"<f4","version":3}' % (address, count, width)
