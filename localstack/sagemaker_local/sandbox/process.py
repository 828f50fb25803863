"""A process in a sandbox, with its descendants."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import IO


class Process:
    """The outermost process of a sandbox.

    `generations` is the number of processes from it to the command: the command is its child (1) or its
    grandchild (2), or it is the command itself (0).
    """

    def __init__(self, popen: subprocess.Popen[bytes], generations: int) -> None:
        self._popen = popen
        self._generations = generations

    @property
    def output(self) -> IO[bytes]:
        """Its standard output and error."""
        if self._popen.stdout is None:
            raise RuntimeError("the process was started without a pipe")
        return self._popen.stdout

    @property
    def pid(self) -> int:
        """The pid of the outermost process; all others descend from it."""
        return self._popen.pid

    @property
    def running(self) -> bool:
        return self._popen.poll() is None

    def wait(self, timeout: float | None = None) -> int:
        """Waits for its exit code, and kills its remaining descendants."""
        code = self._popen.wait(timeout)
        self.kill()
        return code

    def terminate(self) -> None:
        """SIGTERM to the command itself, not to its wrappers, which would kill it at once."""
        for pid in self._command_pids():
            _signal(pid, signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL to all descendants, also to those that left the process group."""
        everything = descendants(self._popen.pid)
        try:
            os.killpg(self._popen.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        for pid in everything[1:]:
            _signal(pid, signal.SIGKILL)

    def stop(self, grace: float) -> None:
        """SIGTERM, and SIGKILL after `grace` seconds."""
        self.terminate()
        try:
            self._popen.wait(grace)
        except subprocess.TimeoutExpired:
            self.kill()

    def _command_pids(self) -> list[int]:
        pids = [self._popen.pid]
        for _ in range(self._generations):
            pids = [child for pid in pids for child in _children(pid)]
        return pids or [self._popen.pid]


def descendants(pid: int) -> list[int]:
    """A process and its descendants that still run."""
    return [pid, *(later for child in _children(pid) for later in descendants(child))]


def _children(pid: int) -> list[int]:
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for thread in threads for child in (thread / "children").read_text().split()]
    except OSError:
        return []


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
