"""Answers requests by a user's functions as sagemaker-containers does: in a Flask application.

Sources: aws/sagemaker-containers 2.8.6.post2 (`_transformer.py`, `_functions.py`, `_worker.py`) and the `serving.py` of
aws/sagemaker-xgboost-container and aws/sagemaker-scikit-learn-container. Every exception of a user's function, also of
werkzeug's and sagemaker_inference's own, becomes a ClientError, which Flask answers with its generic page of status
500. So only a Response that a function returns has another status.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import flask

from sagemaker_local.container import defaults
from sagemaker_local.container.handlers import FUNCTIONS, REPLACED, Answer, Request


class ClientError(Exception):
    """A function of the script raised; the cause has the traceback."""


class UserError(Exception):
    """The script can't be served."""


class FlaskHandlers:
    """The application that gunicorn runs; `usual` has the functions that the script need not have.

    Raises:
        UserError: the script has transform_fn and also a function that it replaces.
    """

    def __init__(self, script: ModuleType, usual: ModuleType, default_accept: str) -> None:
        self._accept = default_accept
        self._functions: dict[str, Any] = {
            name: getattr(script, name, getattr(usual, name, None)) for name in FUNCTIONS
        }
        if self._functions["transform_fn"] and any(hasattr(script, name) for name in REPLACED):
            raise UserError("Cannot use transform_fn implementation with input_fn, predict_fn, and/or output_fn")
        self._model: Any = None
        self._app = flask.Flask(script.__name__)
        self._app.add_url_rule("/invocations", view_func=self._transform, methods=["POST"])

    def load(self, model_dir: str) -> None:
        self._model = self._call("model_fn", model_dir)

    def answer(self, request: Request) -> Answer:
        started: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[[bytes], object]:
            started.extend((status, headers))
            return lambda piece: None  # PEP 3333's write(), which Flask does not call

        pieces = self._app(_environ(request), start)
        status, headers = int(started[0].split()[0]), {name.lower(): value for name, value in started[1]}
        content_type = headers.pop("content-type", "")
        length = headers.pop("content-length", None)
        body = _closing(pieces) if length is None else b"".join(_closing(pieces))
        return Answer(status, body, content_type, tuple(headers.items()))

    def _transform(self) -> Any:
        """The view. A tuple is `(body, mimetype)`; everything else is Flask's to understand."""
        request = flask.request
        content_type = request.headers.get("ContentType") or request.headers.get("Content-Type") or defaults.JSON
        accept = request.headers.get("Accept") or defaults.ANY
        result = self._result(
            request.get_data(as_text=True) if content_type in defaults.TEXT_TYPES else request.get_data(),
            content_type,
            self._accept if accept == defaults.ANY else accept,
        )
        if isinstance(result, tuple):
            return flask.Response(result[0], mimetype=result[1])
        return result

    def _result(self, body: str | bytes, content_type: str, accept: str) -> Any:
        if self._functions["transform_fn"]:
            return self._call("transform_fn", self._model, body, content_type, accept)
        data = self._call("input_fn", body, content_type)
        return self._call("output_fn", self._call("predict_fn", data, self._model), accept)

    def _call(self, name: str, *arguments: Any) -> Any:
        try:
            return self._functions[name](*arguments)
        except Exception as error:
            raise ClientError(error) from error


def _environ(request: Request) -> dict[str, Any]:
    """The WSGI environment of a POST to /invocations (PEP 3333)."""
    headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()}
    return {
        **headers,
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/invocations",
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8080",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def _closing(pieces: Any) -> Iterator[bytes]:
    close: Callable[[], None] = getattr(pieces, "close", lambda: None)
    try:
        yield from pieces
    finally:
        close()
