"""A worker process of a serving container: loads the model, and answers one request at a time.

It imports little, since every container starts some. A message between the server and a worker is a head in JSON and a
body, both with their lengths before them.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import socket
import struct
import sys
from collections.abc import Iterator
from typing import Any

from sagemaker_local.container.handlers import Answer, Handlers, InferenceHandlers, Request
from sagemaker_local.container.toolkits import SERVING, TOOLKIT, ServingToolkit

LENGTHS = struct.Struct("!II")
_LOADED: dict[str, Any] = {"loaded": True}
_DEFAULT_ACCEPT = "application/json"


def main() -> None:
    """Loads the program that the environment names from a folder, and answers on a socket: both are arguments."""
    code, channel = sys.argv[1:]
    sys.path[:0] = [code, os.environ["SAGEMAKER_LOCAL_MODULES"]]
    handlers = _handlers(SERVING[os.environ[TOOLKIT]], os.environ["SAGEMAKER_PROGRAM"].removesuffix(".py"))
    handlers.load(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml") + "/model")
    _answer_all(handlers, int(channel))


def _handlers(toolkit: ServingToolkit, module: str) -> Handlers:
    script = importlib.import_module(module)
    accept = os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", _DEFAULT_ACCEPT)
    usual = importlib.import_module(f"sagemaker_local.container.{os.environ['SAGEMAKER_LOCAL_DEFAULTS']}")
    if not toolkit.flask:
        return InferenceHandlers(script, usual, accept)
    from sagemaker_local.container.flask_worker import FlaskHandlers  # only such images have Flask

    return FlaskHandlers(script, usual, accept)


def _answer_all(handlers: Handlers, descriptor: int) -> None:
    """Answers the server's requests on a socket, after the model is loaded, until the server closes it."""
    signal.signal(signal.SIGTERM, lambda *_: None)  # the server lets requests in progress end
    with socket.socket(fileno=descriptor) as channel:
        channel.sendall(_joined(_LOADED))
        while (message := _received(channel)) is not None:
            _reply(channel, handlers.answer(Request(message[1], message[0])))


def _reply(channel: socket.socket, answer: Answer) -> None:
    whole = isinstance(answer.body, bytes)
    head = {
        "status": answer.status,
        "content_type": answer.content_type,
        "headers": answer.headers,
        "whole": whole,
    }
    if isinstance(answer.body, bytes):
        channel.sendall(_joined(head, answer.body))
        return
    channel.sendall(_joined(head))
    channel.sendall(_joined({"over": True, "failed": not _sent_in_pieces(channel, answer.body)}))


def _sent_in_pieces(channel: socket.socket, pieces: Iterator[bytes]) -> bool:
    try:
        for piece in pieces:
            channel.sendall(_joined({"over": False}, piece))
    except Exception:  # noqa: BLE001
        sys.excepthook(*sys.exc_info())
        return False
    return True


def _received(channel: socket.socket) -> tuple[dict[str, str], bytes] | None:
    lengths = _exactly(channel, LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        return None
    head, body = LENGTHS.unpack(lengths)
    return json.loads(_exactly(channel, head)), bytes(_exactly(channel, body))


def _exactly(channel: socket.socket, size: int) -> bytearray:
    """That many bytes; fewer at the end of the stream."""
    received = bytearray(size)
    view, count = memoryview(received), 0
    while count < size and (more := channel.recv_into(view[count:])):
        count += more
    return received if count == size else received[:count]


def packed(head: dict[str, Any], body: bytes) -> tuple[bytes, bytes]:
    """A message: the lengths and the head, and the body."""
    encoded = json.dumps(head).encode()
    return LENGTHS.pack(len(encoded), len(body)) + encoded, body


def _joined(head: dict[str, Any], body: bytes = b"") -> bytes:
    return b"".join(packed(head, body))


if __name__ == "__main__":
    main()
