"""The loader process: loads and warms the model once, forks the workers, and replaces those that end.

It is started by the front with the model's folder, the number of workers, and the descriptors of the control socket and
of the board. It has one thread, since a fork copies only the thread that forks.
"""

from __future__ import annotations

import array
import ctypes
import gc
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

from serving.server import log, memory, worker
from serving.server.frames import Board
from serving.server.model_interface import Model

_PR_SET_PDEATHSIG = 1  # prctl(2)
_LONGEST_MESSAGE, _LONGEST_REASON = 64, 2000
_QUICK = 5.0  # seconds; a worker that ends sooner, without a request, does so again
_MOST_QUICK = 5


class Loader:
    """Forks workers for the model, and keeps their number."""

    def __init__(self, model: Model, control: socket.socket, board: Board) -> None:
        self._model, self._control, self._board = model, control, board
        self._slots = dict[int, int]()  # by the worker's pid
        self._started = dict[int, float]()
        self._quick = 0
        self._woken, wake = socket.socketpair()
        for end in (self._woken, wake):
            end.setblocking(False)
        self._wake = wake
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)

    def run(self, workers: int) -> None:
        """Start the workers, and watch them until the front closes the control socket."""
        for slot in range(workers):
            self._fork(slot)
        while True:
            readable, _, _ = select.select([self._control, self._woken], [], [])
            if self._woken in readable:
                self._woken.recv(4096)
                self._replace_ended()
            if self._control in readable and not self._kill_as_requested():
                return

    def _fork(self, slot: int) -> None:
        ours, theirs = socket.socketpair()
        parent = os.getpid()
        pid = os.fork()
        if not pid:
            self._become_worker(slot, ours, theirs, parent)
        theirs.close()
        self._slots[pid], self._started[pid] = slot, monotonic()
        with ours:
            _report(self._control, {"event": "worker", "pid": pid, "slot": slot}, ours.fileno())

    def _become_worker(self, slot: int, ours: socket.socket, theirs: socket.socket, parent: int) -> None:
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for each in (ours, self._control, self._woken, self._wake):
                each.close()
            end_with(parent)
            worker.run(self._model, theirs, self._board, slot)
            status = 0
        finally:
            os._exit(status)

    def _replace_ended(self) -> None:
        while self._slots:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            slot, lived = self._slots.pop(pid), monotonic() - self._started.pop(pid)
            code = os.waitstatus_to_exitcode(status)
            log.event("worker_ended", pid=pid, exit_code=code, seconds=round(lived, 1))
            self._quick = self._quick + 1 if lived < _QUICK and not self._board.read(slot)[1] and code >= 0 else 0
            if self._quick >= _MOST_QUICK:
                raise SystemExit(
                    f"{_MOST_QUICK} workers ended right after their start, the last with exit code {code}."
                )
            _report(self._control, {"event": "worker_ended", "pid": pid})
            self._fork(slot)

    def _kill_as_requested(self) -> bool:
        """Kill the worker that the front names. Returns False if the front closed the socket."""
        message = self._control.recv(_LONGEST_MESSAGE)
        if message and int(message) in self._slots:
            os.kill(int(message), signal.SIGKILL)
        return bool(message)


def _report(control: socket.socket, message: dict[str, Any], *descriptors: int) -> None:
    """Send the front a message, with descriptors."""
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
    control.sendmsg([json.dumps(message).encode()], rights)


def end_with(parent: int) -> None:
    """End when the parent process ends, however it does."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def serve(load: Callable[[Path], Model], folder: Path, workers: int, control: socket.socket, board: Board) -> None:
    """Load the model in `folder`, report it or why it can't be loaded, and keep `workers` workers."""
    try:
        model = load(folder)
        model.warm_up()
        description = json.dumps(model.openapi()).encode()
    except Exception as error:  # noqa: BLE001 - whatever a model's file makes a library raise
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        _report(control, {"event": "failed", "reason": reason[:_LONGEST_REASON]})
        return
    memory.release()
    gc.freeze()  # the workers share these pages: a collection would write to each object
    with os.fdopen(os.memfd_create("openapi"), "wb") as file:
        file.write(description)
        file.flush()
        _report(control, {"event": "loaded", "digest": model.digest, "threads": _threads()}, file.fileno())
    Loader(model, control, board).run(workers)


def _threads() -> int:
    return len(os.listdir("/proc/self/task"))  # noqa: PTH208


def main(load: Callable[[Path], Model], arguments: list[str]) -> None:
    """Run as the front's child. The arguments are the folder, the workers, and the two descriptors."""
    for ignored in (signal.SIGINT, signal.SIGTERM):  # the front ends the loader, once the requests are answered
        signal.signal(ignored, signal.SIG_IGN)
    end_with(os.getppid())
    folder, workers, control, board = arguments
    serve(load, Path(folder), int(workers), socket.socket(fileno=int(control)), Board.open(int(board)))


if __name__ == "__main__":
    from serving.server import model

    main(model.load, sys.argv[1:])
