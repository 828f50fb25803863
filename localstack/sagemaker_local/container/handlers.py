"""Loads a user's serving script, and answers requests by its functions as AWS's toolkits do.

Sources: aws/sagemaker-inference-toolkit `transformer.py` (XGBoost's image) and aws/sagemaker-containers
`_transformer.py` (scikit-learn's). The differences are in the `README.md` of this folder.
"""

from __future__ import annotations

import importlib
import inspect
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from sagemaker_local.container import defaults


@dataclass(frozen=True)
class Answer:
    """The HTTP response."""

    status: int
    body: bytes | Iterator[bytes]
    """An iterator is sent piece by piece, each as soon as the script yields it."""
    content_type: str


class Handlers:
    """The functions of one script, and the model that its model_fn loaded.

    Raises:
        ValueError: the script has transform_fn and also a function that it replaces.
    """

    def __init__(self, script: ModuleType, toolkit: str) -> None:
        self._containers = toolkit == "sagemaker-containers"
        self._functions: dict[str, Any] = {
            name: getattr(script, name, getattr(defaults, name, None))
            for name in ("model_fn", "input_fn", "predict_fn", "output_fn", "transform_fn")
        }
        replaced = [name for name in ("input_fn", "predict_fn", "output_fn") if hasattr(script, name)]
        if self._functions["transform_fn"] and replaced:
            raise ValueError(f"Cannot use transform_fn implementation in conjunction with {', '.join(replaced)}.")
        self._model: Any = None

    @classmethod
    def of(cls, module: str, toolkit: str) -> Handlers:
        return cls(importlib.import_module(module), toolkit)

    def load(self, model_dir: str) -> None:
        """Calls model_fn."""
        self._model = self._call("model_fn", model_dir)

    def answer(self, body: bytes, content_type: str, accept: str) -> Answer:
        """Answers one request. An exception of the script becomes a status; the process continues."""
        try:
            return self._packed(self._transform(_decoded(body, content_type), content_type, accept), accept)
        except Exception as error:  # noqa: BLE001
            return self._refusal(error)

    def _transform(self, body: str | bytes, content_type: str, accept: str) -> Any:
        if self._functions["transform_fn"]:
            return self._call("transform_fn", self._model, body, content_type, accept)
        data = self._call("input_fn", body, content_type)
        return self._call("output_fn", self._call("predict_fn", data, self._model), accept)

    def _call(self, name: str, *arguments: Any) -> Any:
        function = self._functions[name]
        takes_context = len(inspect.signature(function).parameters) == len(arguments) + 1
        return function(*arguments, None) if takes_context and not self._containers else function(*arguments)

    def _packed(self, result: Any, accept: str) -> Answer:
        if isinstance(result, tuple):
            body, content_type = result
            return Answer(200, _packable(body), content_type)
        if self._containers and hasattr(result, "status_code") and hasattr(result, "get_data"):
            return Answer(result.status_code, result.get_data(), result.mimetype)
        return Answer(200, _packable(result), accept)

    def _refusal(self, error: Exception) -> Answer:
        """The answer to an exception. Its traceback may quote the caller's data, so it goes to the log only."""
        if not self._containers and _is_toolkit_error(error):
            status, message = int(getattr(error, "status_code", 500)), str(getattr(error, "message", ""))
            return Answer(status, message.encode(errors="replace"), "text/plain")
        traceback.print_exception(error, file=sys.stdout)
        sys.stdout.flush()
        status = 415 if self._containers and isinstance(error, defaults.UnsupportedFormatError) else 500
        return Answer(status, str(error).encode(errors="replace"), "text/plain")


def _decoded(body: bytes, content_type: str) -> str | bytes:
    """The body as Flask's `get_data(as_text=True)` gives it to AWS's toolkit: text only for a bare content type."""
    return body.decode(errors="replace") if content_type in defaults.TEXT_TYPES else body


def _is_toolkit_error(error: Exception) -> bool:
    return any(
        base.__name__ == "BaseInferenceToolkitError" and base.__module__ == "sagemaker_inference.errors"
        for base in type(error).__mro__
    )


def _packable(body: Any) -> bytes | Iterator[bytes]:
    return map(_bytes, body) if isinstance(body, Iterator) else _bytes(body)


def _bytes(body: Any) -> bytes:
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(body)
    raise TypeError(f"The script returned a body of type {type(body).__name__}; expected str or bytes.")
