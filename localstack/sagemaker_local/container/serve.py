"""A serving container: installs the user's script, starts workers that load it, answers /ping and /invocations.

It takes over a bound socket from SAGEMAKER_LOCAL_SOCKET_FD, and listens only once the model is loaded.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys
import tarfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from sagemaker_local.container import packaging_step, requirements, worker_process
from sagemaker_local.container.handlers import Answer, Request
from sagemaker_local.container.toolkits import SERVING, TOOLKIT, ServingToolkit
from sagemaker_local.container.workers import LoadFailed, PiecewiseAnswer, Worker, WorkerEnded, Workers

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_DEFAULT_ACCEPT = "application/json"
_LARGEST_BODY = 100 << 20  # bytes; AWS's limit for a batch transform, which sends the largest bodies


def _page_of_nginx(status: int, reason: str) -> Answer:
    title = f"{status} {reason}"
    page = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
        "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )
    return Answer(status, page.encode(), "text/html")


_TIMED_OUT, _ENDED = _page_of_nginx(504, "Gateway Time-out"), _page_of_nginx(502, "Bad Gateway")


class ServingApp:
    """The ASGI application in front of the workers, as nginx is on AWS.

    With a time-out (seconds), a request that is not answered in time gets nginx's 504, and the worker that is busy
    with it is killed and replaced, as gunicorn does. A request whose worker ends gets nginx's 502.
    """

    def __init__(self, workers: Workers, timeout: float | None = None) -> None:
        self._workers, self._timeout = workers, timeout

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["path"] == "/ping":
            await _send(send, Answer(200, b"", _DEFAULT_ACCEPT))
        elif scope["path"] == "/invocations" and scope["method"] == "POST":
            body = await _body(receive)
            if body is not None and len(body) > _LARGEST_BODY:
                await _send(send, Answer(413, b"Request Entity Too Large", "text/plain"))
            elif body is not None:
                await self._invoke(send, Request(body, _headers(scope)))
        else:
            await _send(send, Answer(404, b"Not Found", "text/plain"))

    async def _invoke(self, send: Send, request: Request) -> None:
        worker: Worker | None = None
        answered = False
        try:
            async with asyncio.timeout(self._timeout):
                worker = await self._workers.take()
                answer = await worker.answer(request)
            if isinstance(answer, PiecewiseAnswer):
                await _send_in_pieces(send, answer)
            answered = True
        except TimeoutError:
            print(f"[CRITICAL] WORKER TIMEOUT after {self._timeout:g} s", flush=True)  # noqa: T201
            answer = _TIMED_OUT
        except WorkerEnded:
            print("[ERROR] A worker ended during a request.", flush=True)  # noqa: T201
            answer = _ENDED
        finally:
            if worker and answered:
                self._workers.give_back(worker)
            elif worker:
                self._workers.replace(worker)
        if isinstance(answer, Answer):
            await _send(send, answer)


async def _send_in_pieces(send: Send, answer: PiecewiseAnswer) -> None:
    """Sends the pieces that the script yields. When it raises, so does this, and the connection breaks."""
    await send({"type": "http.response.start", "status": answer.status, "headers": _answered(answer)})
    async for piece in answer.pieces:
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
    headers = [*_answered(answer), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _headers(scope: dict[str, Any]) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def _answered(answer: Answer | PiecewiseAnswer) -> list[tuple[bytes, bytes]]:
    pairs = (("content-type", answer.content_type), *answer.headers)
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs]


def main() -> None:
    """Serves the program that the environment names, until SIGTERM."""
    base = os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml")
    toolkit = SERVING[os.environ[TOOLKIT]]
    program = os.environ["SAGEMAKER_PROGRAM"]
    module = program.removesuffix(".py")
    code = str(_installed(toolkit, Path(os.environ["SAGEMAKER_LOCAL_CODE"]), Path(base, "code"), module))
    workers = Workers([sys.executable, "-m", worker_process.__name__, code], _workers())
    app = ServingApp(workers, _timeout(toolkit))
    import uvicorn  # while the workers load the model

    from sagemaker_local.loopback_uvicorn import server_config

    server = uvicorn.Server(server_config(app, keep_alive=3600))
    listener = socket.socket(fileno=int(os.environ["SAGEMAKER_LOCAL_SOCKET_FD"]))
    asyncio.run(_serve(server, listener, workers, program))


def _installed(toolkit: ServingToolkit, submitted: Path, code: Path, module: str) -> Path:
    """Installs the script's requirements, and returns the folder from which it is served.

    Raises:
        InstallModuleError, InstallRequirementsError: they can't be installed.
    """
    if not toolkit.as_package:
        requirements.install(submitted / "requirements.txt")
        return submitted
    if submitted != code:
        _take(submitted, code)
    packaging_step.install(code, module)
    return code


def _take(submitted: Path, code: Path) -> None:
    """Copies the submitted folder or file, or unpacks the archive, as sagemaker-containers does (`_files.py`)."""
    shutil.rmtree(code, ignore_errors=True)
    if submitted.is_dir():
        shutil.copytree(submitted, code)
        return
    code.mkdir()
    if tarfile.is_tarfile(submitted):
        with tarfile.open(submitted) as archive:
            archive.extractall(code, filter="data")
    else:
        shutil.copy2(submitted, code)


def _workers() -> int:
    workers = int(os.environ.get("SAGEMAKER_MODEL_SERVER_WORKERS") or os.cpu_count() or 1)
    if workers < 1:
        raise ValueError(f"SAGEMAKER_MODEL_SERVER_WORKERS must be 1 or more; found {workers}.")
    return workers


def _timeout(toolkit: ServingToolkit) -> float | None:
    if toolkit.timeout is None:
        return None
    return float(os.environ.get("SAGEMAKER_MODEL_SERVER_TIMEOUT") or toolkit.timeout)


async def _serve(server: Any, listener: socket.socket, workers: Workers, program: str) -> None:
    try:
        await workers.start()
    except LoadFailed:
        workers.kill()
        sys.exit(1)  # the worker has printed why
    print(f"Loaded {program}; serving.", flush=True)  # noqa: T201
    try:
        await server.serve(sockets=[listener])
    finally:
        workers.kill()


if __name__ == "__main__":
    main()
