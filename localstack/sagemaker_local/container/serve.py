"""A serving container: loads the user's script and model, then answers /ping and /invocations.

It takes over a bound socket from SAGEMAKER_LOCAL_SOCKET_FD, and listens only once the model is loaded.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sagemaker_local.container import requirements
from sagemaker_local.container.handlers import Answer, Handlers

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_DEFAULT_ACCEPT = "application/json"
_LARGEST_BODY = 100 << 20  # bytes; AWS's limit for a batch transform, which sends the largest bodies


class ServingApp:
    """The ASGI application. The script's functions run in as many threads as AWS's image has worker processes."""

    def __init__(self, handlers: Handlers, workers: int, default_accept: str) -> None:
        self._handlers = handlers
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="worker")
        self._default_accept = default_accept

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["path"] == "/ping":
            await _send(send, Answer(200, b"", _DEFAULT_ACCEPT))
        elif scope["path"] == "/invocations" and scope["method"] == "POST":
            body = await _body(receive)
            if body is not None and len(body) > _LARGEST_BODY:
                await _send(send, Answer(413, b"Request Entity Too Large", "text/plain"))
            elif body is not None:
                await self._answer(send, await self._invocation(dict(scope["headers"]), body))
        else:
            await _send(send, Answer(404, b"Not Found", "text/plain"))

    async def _answer(self, send: Send, answer: Answer) -> None:
        if isinstance(answer.body, bytes):
            await _send(send, answer)
        else:
            await self._send_in_pieces(send, answer, answer.body)

    async def _invocation(self, headers: dict[bytes, bytes], body: bytes) -> Answer:
        content_type = headers.get(b"content-type", _DEFAULT_ACCEPT.encode()).decode("latin-1")
        accept = headers.get(b"accept", b"").decode("latin-1")
        if accept in ("", "*/*"):
            accept = self._default_accept
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._handlers.answer, body, content_type, accept)

    async def _send_in_pieces(self, send: Send, answer: Answer, pieces: Iterator[bytes]) -> None:
        """Sends the pieces that the script yields. When it raises, so does this, and the connection breaks."""
        loop = asyncio.get_running_loop()
        await send({"type": "http.response.start", "status": answer.status, "headers": [_content_type(answer)]})
        while (piece := await loop.run_in_executor(self._threads, next, pieces, None)) is not None:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def _body(receive: Receive) -> bytes | None:
    """The whole body, at most one byte over _LARGEST_BODY; None when the client disconnects before the end."""
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        del body[_LARGEST_BODY + 1 :]
        more = message.get("more_body", False)
    return bytes(body)


async def _send(send: Send, answer: Answer) -> None:
    body = answer.body if isinstance(answer.body, bytes) else b"".join(answer.body)
    headers = [_content_type(answer), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _content_type(answer: Answer) -> tuple[bytes, bytes]:
    return b"content-type", answer.content_type.encode("latin-1")


def main() -> None:
    """Loads the program that the environment names, and serves until SIGTERM."""
    base = os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml")
    code = os.environ["SAGEMAKER_LOCAL_CODE"]
    sys.path[:0] = [code, os.environ["SAGEMAKER_LOCAL_MODULES"]]
    requirements.install(Path(code) / "requirements.txt")
    program = os.environ["SAGEMAKER_PROGRAM"]
    handlers = Handlers.of(program.removesuffix(".py").replace("/", "."), os.environ["SAGEMAKER_LOCAL_TOOLKIT"])
    handlers.load(f"{base}/model")
    print(f"Loaded {program}; serving.", flush=True)  # noqa: T201
    workers = int(os.environ.get("SAGEMAKER_MODEL_SERVER_WORKERS") or os.cpu_count() or 1)
    accept = os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", _DEFAULT_ACCEPT)
    _serve(ServingApp(handlers, workers, accept), int(os.environ["SAGEMAKER_LOCAL_SOCKET_FD"]))


def _serve(app: ServingApp, descriptor: int) -> None:
    import uvicorn

    from sagemaker_local.loopback_uvicorn import server_config

    config = server_config(app, keep_alive=3600)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])


if __name__ == "__main__":
    main()
