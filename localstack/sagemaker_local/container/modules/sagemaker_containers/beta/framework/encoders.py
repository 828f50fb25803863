"""Arrays to and from request bodies, by the names of sagemaker-containers."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np

from . import content_types
from .errors import UnsupportedFormatError


def array_to_npy(array_like: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array_like)
    return buffer.getvalue()


def npy_to_numpy(npy_array: bytes) -> Any:
    return np.load(io.BytesIO(npy_array), allow_pickle=False)


def array_to_json(array_like: Any) -> str:
    return json.dumps(array_like, default=lambda value: value.tolist())


def json_to_numpy(string_like: str, dtype: Any = None) -> Any:
    return np.array(json.loads(string_like), dtype=dtype)


def array_to_csv(array_like: Any) -> str:
    buffer = io.StringIO()
    rows = np.asarray(array_like)
    csv.writer(buffer, lineterminator="\n").writerows(rows.reshape(len(rows), -1) if rows.ndim else [[rows]])
    return buffer.getvalue()


def csv_to_numpy(string_like: str, dtype: Any = None) -> Any:
    return np.genfromtxt(io.StringIO(string_like), dtype=dtype or float, delimiter=",")


_ENCODERS: dict[str, Callable[..., Any]] = {
    content_types.NPY: array_to_npy,
    content_types.CSV: array_to_csv,
    content_types.JSON: array_to_json,
}
_DECODERS: dict[str, Callable[..., Any]] = {
    content_types.NPY: npy_to_numpy,
    content_types.CSV: csv_to_numpy,
    content_types.JSON: json_to_numpy,
}


def decode(obj: Any, content_type: str) -> Any:
    """A body as an array."""
    if content_type not in _DECODERS:
        raise UnsupportedFormatError(content_type)
    return _DECODERS[content_type](obj)


def encode(array_like: Any, content_type: str) -> Any:
    """An array as a body."""
    if content_type not in _ENCODERS:
        raise UnsupportedFormatError(content_type)
    return _ENCODERS[content_type](array_like)
