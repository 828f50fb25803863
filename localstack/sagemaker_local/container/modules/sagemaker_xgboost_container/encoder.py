"""Bodies of requests as DMatrix, with the names of AWS's XGBoost container, `encoder.py`."""

import csv
import io
import tempfile
from pathlib import Path
from typing import Any

from . import data_utils


def csv_to_dmatrix(input: str | bytes, dtype: Any = None) -> Any:
    """Rows of CSV without a label."""
    import numpy as np
    import xgboost as xgb

    text = input.decode() if isinstance(input, bytes) else input
    delimiter = next((mark for mark in ",;\t| " if mark in text.strip()), ",")
    rows = [[cell or "nan" for cell in row] for row in csv.reader(io.StringIO(text.strip()), delimiter=delimiter)]
    return xgb.DMatrix(np.array(rows, dtype=dtype or "float32"))


def libsvm_to_dmatrix(string_like: str | bytes) -> Any:
    """Rows of LIBSVM, each with a label."""
    text = string_like.decode() if isinstance(string_like, bytes) else string_like
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.libsvm"
        file.write_text(text)
        return data_utils.get_libsvm_dmatrix(str(file))


def decode(obj: str | bytes, content_type: str) -> Any:
    """A body by its content type, CSV or LIBSVM."""
    media = content_type.split(";")[0].strip().lower()
    if media == "text/csv":
        return csv_to_dmatrix(obj)
    if media in ("text/libsvm", "text/x-libsvm"):
        return libsvm_to_dmatrix(obj)
    raise ValueError(f"Content type {content_type} is not supported.")
