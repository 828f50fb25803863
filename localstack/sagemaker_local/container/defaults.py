"""The default serving functions, as AWS's toolkits define them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

JSON, CSV, NPY, ANY = "application/json", "text/csv", "application/x-npy", "*/*"
TEXT_TYPES = (JSON, CSV)


class UnsupportedFormatError(Exception):
    """A content type that the default functions can't read or write."""

    def __init__(self, content_type: str) -> None:
        super().__init__(
            f"Content type {content_type} is not supported by this framework. Please implement input_fn to "
            "deserialize the request data or an output_fn to serialize the response."
        )


def model_fn(model_dir: str) -> Any:
    raise NotImplementedError("Please provide a model_fn implementation.")


def input_fn(body: str | bytes, content_type: str) -> Any:
    """A numpy array of a CSV, JSON or NPY body."""
    return _of(_READERS, content_type)(body)


def predict_fn(data: Any, model: Any) -> Any:
    return model.predict(data)


def output_fn(prediction: Any, accept: str) -> tuple[str | bytes, str]:
    """The prediction as CSV, JSON or NPY, with its content type."""
    return _of(_WRITERS, accept)(prediction), accept


def _of(table: dict[str, Callable[..., Any]], content_type: str) -> Callable[..., Any]:
    media = content_type.split(";")[0].strip()
    if media not in table:
        raise UnsupportedFormatError(content_type)
    return table[media]


def _read_csv(body: str) -> Any:
    import numpy as np

    return np.array([[float(cell or "nan") for cell in row] for row in csv.reader(io.StringIO(body)) if row])


def _read_json(body: str) -> Any:
    import numpy as np

    return np.array(json.loads(body))


def _read_npy(body: bytes) -> Any:
    import numpy as np

    return np.load(io.BytesIO(body))


def _write_csv(prediction: Any) -> str:
    import numpy as np

    array = np.asarray(prediction)
    rows = array.reshape(len(array), -1) if array.ndim else array.reshape(1, 1)
    return "".join(",".join(map(str, row)) + "\n" for row in rows.tolist())


def _write_json(prediction: Any) -> str:
    return json.dumps(prediction, default=lambda value: value.tolist())


def _write_npy(prediction: Any) -> bytes:
    import numpy as np

    buffer = io.BytesIO()
    np.save(buffer, prediction)
    return buffer.getvalue()


_READERS: dict[str, Callable[..., Any]] = {CSV: _read_csv, JSON: _read_json, NPY: _read_npy}
_WRITERS: dict[str, Callable[..., Any]] = {CSV: _write_csv, JSON: _write_json, NPY: _write_npy}
