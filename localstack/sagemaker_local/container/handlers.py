"""Answers requests by a user's functions as sagemaker-inference does, which Multi Model Server runs.

Source: aws/sagemaker-inference-toolkit `transformer.py`. `flask_worker.py` is its counterpart for sagemaker-containers.
"""

from __future__ import annotations

import inspect
import sys
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Protocol

from sagemaker_local.container import defaults

FUNCTIONS = ("model_fn", "input_fn", "predict_fn", "output_fn", "transform_fn")
REPLACED = ("input_fn", "predict_fn", "output_fn")
"""The functions that transform_fn replaces."""
_ANY = ("", "*/*")


@dataclass(frozen=True)
class Request:
    """An HTTP request to /invocations."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    """The keys are in lower case."""

    def accept(self, default: str) -> str:
        """The content type that the caller wants, or the default where it wants any."""
        accept = self.headers.get("accept", "")
        return default if accept in _ANY else accept


@dataclass(frozen=True)
class Answer:
    """The HTTP response."""

    status: int
    body: bytes | Iterator[bytes]
    """An iterator is sent piece by piece, each as soon as the script yields it."""
    content_type: str
    headers: tuple[tuple[str, str], ...] = ()
    """Further headers."""


class Handlers(Protocol):
    """The functions of one script, and the model that its model_fn loaded."""

    def load(self, model_dir: str) -> None:
        """Calls model_fn."""

    def answer(self, request: Request) -> Answer:
        """Answers one request. An exception of the script becomes a status; the process continues."""
        ...


class InferenceHandlers:
    """sagemaker-inference's Transformer; `usual` has the functions that the script need not have.

    Raises:
        ValueError: the script has transform_fn and also a function that it replaces.
    """

    def __init__(self, script: ModuleType, usual: ModuleType, default_accept: str) -> None:
        self._accept = default_accept
        self._functions: dict[str, Any] = {
            name: getattr(script, name, getattr(usual, name, None)) for name in FUNCTIONS
        }
        replaced = [name for name in REPLACED if hasattr(script, name)]
        if self._functions["transform_fn"] and replaced:
            raise ValueError(f"Cannot use transform_fn implementation in conjunction with {', '.join(replaced)}.")
        self._model: Any = None

    def load(self, model_dir: str) -> None:
        self._model = self._call("model_fn", model_dir)

    def answer(self, request: Request) -> Answer:
        content_type = request.headers.get("content-type", defaults.JSON)
        accept = request.accept(self._accept)
        body = _decoded(request.body, content_type)
        try:
            return self._packed(self._transform(body, content_type, accept), accept)
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
        return function(*arguments, None) if takes_context else function(*arguments)

    def _packed(self, result: Any, accept: str) -> Answer:
        body, content_type = result if isinstance(result, tuple) else (result, accept)
        return Answer(200, _packable(body), content_type)

    def _refusal(self, error: Exception) -> Answer:
        """The answer to an exception. Its traceback may quote the caller's data, so it goes to the log only."""
        if _is_toolkit_error(error):
            status, message = int(getattr(error, "status_code", 500)), str(getattr(error, "message", ""))
            return Answer(status, message.encode(errors="replace"), "text/plain")
        traceback.print_exception(error, file=sys.stdout)
        sys.stdout.flush()
        return Answer(500, str(error).encode(errors="replace"), "text/plain")


def _decoded(body: bytes, content_type: str) -> str | bytes:
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
