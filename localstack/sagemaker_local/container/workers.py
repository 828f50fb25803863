"""The worker processes of a serving container: each loads the model itself, and answers one request at a time.

As gunicorn's: a worker that ends is replaced, and one that is stuck is killed. A message between the server and a
worker is a head in JSON and a body, both with their lengths before them.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sagemaker_local.container.handlers import Answer, Handlers, Request

_LENGTHS = struct.Struct("!II")
_LOADED: dict[str, Any] = {"loaded": True}


class WorkerEnded(Exception):
    """The worker's process ended before it had answered."""


class LoadFailed(Exception):
    """A worker ended before it had loaded the model; its output has the reason."""


@dataclass(frozen=True)
class PiecewiseAnswer:
    """An answer whose body the script yields. `pieces` must be read to the end."""

    status: int
    content_type: str
    headers: tuple[tuple[str, str], ...]
    pieces: AsyncIterator[bytes]


class Worker:
    """One worker process, seen from the server."""

    def __init__(self, command: Sequence[str]) -> None:
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen([*command, str(theirs.fileno())], pass_fds=(theirs.fileno(),))
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter | None = None

    async def loaded(self) -> None:
        """Returns when the model is loaded.

        Raises:
            LoadFailed: the process ended before.
        """
        self._reader, self._writer = await asyncio.open_connection(sock=self._socket)
        try:
            await self._message()
        except WorkerEnded:
            raise LoadFailed from None

    async def answer(self, request: Request) -> Answer | PiecewiseAnswer:
        """The answer to one request. Of one in pieces it returns when the first is there.

        Raises:
            WorkerEnded: the process ended before.
        """
        if self._writer is None:
            raise RuntimeError("the worker has not loaded the model yet")
        self._writer.writelines(_packed(dict(request.headers), request.body))
        answered, whole = await self._message()
        headers = tuple((name, value) for name, value in answered["headers"])
        if answered["whole"]:
            return Answer(answered["status"], whole, answered["content_type"], headers)
        return PiecewiseAnswer(answered["status"], answered["content_type"], headers, self._pieces())

    def kill(self) -> None:
        """Ends the process at once."""
        self._process.kill()
        if self._writer:
            self._writer.close()
        else:
            self._socket.close()

    def wait(self) -> int:
        """The exit code of a process that has ended or was killed."""
        return self._process.wait()

    async def _pieces(self) -> AsyncIterator[bytes]:
        while True:
            head, piece = await self._message()
            if head["over"]:
                if head["failed"]:
                    raise RuntimeError("the script raised while it yielded the body")
                return
            yield piece

    async def _message(self) -> tuple[dict[str, Any], bytes]:
        try:
            head, body = _LENGTHS.unpack(await self._reader.readexactly(_LENGTHS.size))
            return json.loads(await self._reader.readexactly(head)), await self._reader.readexactly(body)
        except (OSError, EOFError):
            raise WorkerEnded from None


class Workers:
    """As many workers as are asked for. Belongs to one event loop once `start` is called."""

    def __init__(self, command: Sequence[str], count: int) -> None:
        self._command = command
        self._all = {Worker(command) for _ in range(count)}
        self._free: asyncio.Queue[Worker] = asyncio.Queue()
        self._replacing: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Returns when every worker has loaded the model.

        Raises:
            LoadFailed: one could not.
        """
        await asyncio.gather(*[self._enlist(worker) for worker in self._all])

    async def take(self) -> Worker:
        """A worker that is free; waits for one."""
        return await self._free.get()

    def give_back(self, worker: Worker) -> None:
        """After its answer."""
        self._free.put_nowait(worker)

    def replace(self, worker: Worker) -> None:
        """Kills a worker that is stuck or has ended, and starts another one."""
        self._all.discard(worker)
        worker.kill()
        task = asyncio.ensure_future(self._replace(worker))
        self._replacing.add(task)
        task.add_done_callback(self._replacing.discard)

    def kill(self) -> None:
        for worker in self._all:
            worker.kill()

    async def _replace(self, old: Worker) -> None:
        await asyncio.to_thread(old.wait)
        new = Worker(self._command)
        self._all.add(new)
        try:
            await self._enlist(new)
        except LoadFailed:
            print("Worker failed to boot.", flush=True)  # noqa: T201  # gunicorn ends with it, and so the container
            os._exit(3)

    async def _enlist(self, worker: Worker) -> None:
        await worker.loaded()
        self._free.put_nowait(worker)


def work(handlers: Handlers, descriptor: int) -> None:
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
    lengths = _exactly(channel, _LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    head, body = _LENGTHS.unpack(lengths)
    return json.loads(_exactly(channel, head)), bytes(_exactly(channel, body))


def _exactly(channel: socket.socket, size: int) -> bytearray:
    """That many bytes; fewer at the end of the stream."""
    received = bytearray(size)
    view, count = memoryview(received), 0
    while count < size and (more := channel.recv_into(view[count:])):
        count += more
    return received if count == size else received[:count]


def _packed(head: dict[str, Any], body: bytes) -> tuple[bytes, bytes]:
    encoded = json.dumps(head).encode()
    return _LENGTHS.pack(len(encoded), len(body)) + encoded, body


def _joined(head: dict[str, Any], body: bytes = b"") -> bytes:
    return b"".join(_packed(head, body))
