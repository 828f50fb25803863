"""The front's side of the loader: starts it, and takes the workers that it forks."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import asyncio

    from serving.server.frames import Board
    from serving.server.settings import Settings

LONGEST_MESSAGE = 64 << 10
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ARROW_NUM_THREADS", "OMP_THREAD_LIMIT")
"""The loader forks, and so has one thread. A worker per processor leaves no processor for more."""
_NO_THREAD = {"JE_ARROW_MALLOC_CONF": "background_thread:false"}
"""Arrow's allocator starts a thread otherwise."""
_TIME_TO_END = 5.0  # seconds


class Listener(Protocol):
    """What takes the loader's messages."""

    def loader_reported(self, message: dict[str, Any], descriptors: list[int]) -> None:
        """Take a message, with the descriptors that came with it."""

    def loader_ended(self) -> None:
        """The loader's process ended."""


class LoaderProcess:
    """A running loader. It ends when the front closes its control socket, or ends itself."""

    def __init__(self, loop: asyncio.AbstractEventLoop, settings: Settings, board: Board, listener: Listener) -> None:
        self._loop, self._listener = loop, listener
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.setblocking(False)
        with theirs:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-P", "-m", settings.loader),
                    *(str(settings.model), str(settings.workers), str(theirs.fileno()), str(board.descriptor)),
                ],
                pass_fds=(theirs.fileno(), board.descriptor),
                env={**os.environ, **dict.fromkeys(_ONE_THREAD, "1"), **_NO_THREAD},
                stdin=subprocess.DEVNULL,
            )
        loop.add_reader(self._control, self._read)

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def kill_worker(self, pid: int) -> None:
        """Kill a worker. The loader does it, since only a parent knows that a number is still its child's."""
        self._control.send(str(pid).encode())

    def end(self) -> None:
        """Let the process and its workers end, and wait for it."""
        self._loop.remove_reader(self._control)
        self._control.close()
        try:
            self._process.wait(_TIME_TO_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _read(self) -> None:
        try:
            data, descriptors, _, _ = socket.recv_fds(self._control, LONGEST_MESSAGE, 1)
        except BlockingIOError:
            return
        except OSError:
            data, descriptors = b"", []
        if data:
            self._listener.loader_reported(json.loads(data), descriptors)
        else:
            self.end()
            self._listener.loader_ended()
