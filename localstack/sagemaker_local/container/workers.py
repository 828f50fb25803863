"""The worker processes of a serving container: each loads the model itself, and answers one request at a time.

As gunicorn's: a worker that ends is replaced, and one that is stuck is killed.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from sagemaker_local.container.handlers import Answer, Request
from sagemaker_local.container.worker_process import LENGTHS, packed


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
        self._writer.writelines(packed(dict(request.headers), request.body))
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
            head, body = LENGTHS.unpack(await self._reader.readexactly(LENGTHS.size))
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
