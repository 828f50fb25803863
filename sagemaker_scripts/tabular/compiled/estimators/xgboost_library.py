"""XGBoost's C API (`xgboost/c_api.h`) by ctypes.

The Python package is not imported: it would import pandas and SciPy.
"""

import ctypes
import json
import math
from pathlib import Path

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
        """Predict with so many threads."""
        self._require(self._library.XGBoosterSetParam(self._handle, b"nthread", str(threads).encode()))

    def values(self, encoded: np.ndarray, outputs: int) -> np.ndarray:
        """Return the (n, outputs) predictions of (n, encoded) rows, both 32-bit floats."""
        shape, dimensions, found = ctypes.c_void_p(), ctypes.c_uint64(), ctypes.c_void_p()
        pointers = (ctypes.byref(shape), ctypes.byref(dimensions), ctypes.byref(found))
        rows = _array(encoded)
        self._require(self._library.XGBoosterPredictFromDense(self._handle, rows, self._inplace, None, *pointers))
        return _copied(found, len(encoded), outputs)

    def by_matrix(self, encoded: np.ndarray, kind: int, outputs: int) -> np.ndarray:
        """Return the (n, outputs) 32-bit floats of another type of prediction."""
        matrix, setting = ctypes.c_void_p(), json.dumps({"missing": math.nan, "nthread": 1}).encode()
        self._require(self._library.XGDMatrixCreateFromDense(_array(encoded), setting, ctypes.byref(matrix)))
        try:
            shape, dimensions, found = ctypes.c_void_p(), ctypes.c_uint64(), ctypes.c_void_p()
            pointers = (ctypes.byref(shape), ctypes.byref(dimensions), ctypes.byref(found))
            settings = self._settings(kind)
            self._require(self._library.XGBoosterPredictFromDMatrix(self._handle, matrix, settings, *pointers))
            return _copied(found, len(encoded), outputs)
        finally:
            self._library.XGDMatrixFree(matrix)

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


def _copied(values: ctypes.c_void_p, count: int, outputs: int) -> np.ndarray:
    """Return the values of a buffer that the library uses again for the thread's next prediction."""
    return np.frombuffer(ctypes.string_at(values, count * outputs * 4), "float32").reshape(count, outputs)
