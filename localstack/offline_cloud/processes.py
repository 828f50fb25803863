"""Processes: who they are, tying their life to another's, and ending them with all they started."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_CLOCK_TICK = 0.05  # seconds; the kernel counts start times in hundredths
_POLL = 0.02
_KILL_TIMEOUT = 10.0
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class ProcessIdentity:
    """A process that can't be mistaken for a later one with the same pid.

    `started` is psutil's creation time (seconds since the epoch).
    """

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> "ProcessIdentity":
        """The identity of a live process; raises psutil.NoSuchProcess when there is none."""
        return cls(pid, psutil.Process(pid).create_time())

    @classmethod
    def own(cls) -> "ProcessIdentity":
        return cls.of(os.getpid())

    def process(self) -> psutil.Process | None:
        """The process if it still runs (a zombie does not), else None."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < _CLOCK_TICK
        except psutil.NoSuchProcess:
            return None
        return process if same and _runs(process) else None

    def is_running(self) -> bool:
        return self.process() is not None


def die_with_parent(signal_number: int) -> None:
    """Ask the kernel to send this process a signal when its parent ends (Linux; elsewhere nothing happens).

    The kernel watches the parent's *thread* that forked, so the parent must fork from its main thread.
    """
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)


def adopt_orphans() -> None:
    """Become the new parent of descendants whose parent ends (Linux; elsewhere nothing happens)."""
    if _libc is not None:
        _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path,
    folder: Path,
    environment: Mapping[str, str],
    before_exec: Callable[[], None] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own, without a terminal, its output in `log` (overwritten)."""
    with log.open("wb") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=dict(environment),
            start_new_session=True,
            preexec_fn=before_exec,
        )


def spawn_tied(
    command: Sequence[str | Path], *, log: Path, folder: Path, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """As `spawn`, and the kernel kills the new process when this one ends. Call from the main thread."""
    return spawn(
        command,
        log=log,
        folder=folder,
        environment=environment,
        before_exec=lambda: die_with_parent(signal.SIGKILL),
    )


def stop(identities: Iterable[ProcessIdentity], *, grace: float) -> None:
    """End these processes and all their descendants: SIGTERM to the named, after `grace` s SIGKILL to all.

    Returns when none of them is left; a zombie, which only its parent can remove, counts as gone.
    """
    named = [process for identity in identities if (process := identity.process()) is not None]
    family = {process for root in named for process in (root, *_descendants(root))}
    for process in named:
        _signal(process, signal.SIGTERM)
    wait_until_gone(named, timeout=grace)
    family |= {process for root in family for process in _descendants(root)}
    for process in family:
        _signal(process, signal.SIGKILL)
    wait_until_gone(family, timeout=_KILL_TIMEOUT)


def wait_until_gone(processes: Iterable[psutil.Process], *, timeout: float) -> bool:
    """Wait until none of these runs; says whether that came within `timeout` seconds."""
    deadline = time.monotonic() + timeout
    left = [process for process in processes if _runs(process)]
    while left and time.monotonic() < deadline:
        time.sleep(_POLL)
        left = [process for process in left if _runs(process)]
    return not left


def end_descendants() -> None:
    """Kill every descendant of this process, adopted orphans included, until there is none."""
    while True:
        _reap()
        family = _descendants(psutil.Process())
        if not family:
            return
        for process in family:
            _signal(process, signal.SIGKILL)
        time.sleep(_POLL)


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    except ChildProcessError:
        return


def _descendants(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _signal(process: psutil.Process, number: int) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
