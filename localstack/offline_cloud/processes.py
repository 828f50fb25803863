"""Processes: their identity, tying one to the life of another, and ending them with their descendants."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_POLL = 0.02
_KILL_TIMEOUT = 10.0
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class ProcessIdentity:
    """A process, told apart from a later one with the same pid.

    `started` is the start of the process, on a clock that can't be set: on Linux, boot id and ticks since the boot.
    """

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> "ProcessIdentity":
        """The identity of a live process; raises psutil.NoSuchProcess when there is none."""
        return cls(pid, _start_of(pid))

    @classmethod
    def own(cls) -> "ProcessIdentity":
        return cls.of(os.getpid())

    def process(self) -> psutil.Process | None:
        """The process if it still runs (a zombie does not), else None."""
        try:
            process = psutil.Process(self.pid)
            same = _start_of(self.pid) == self.started
        except psutil.NoSuchProcess:
            return None
        return process if same and _runs(process) else None

    def is_running(self) -> bool:
        return self.process() is not None


def die_with_parent(signal_number: int, parent: int) -> None:
    """Have the kernel send this process a signal when its parent ends (Linux; elsewhere nothing happens).

    The kernel watches the parent's *thread* that forked, so the parent must fork from its main thread.
    """
    if _libc is None:
        return
    _libc.prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent:  # it ended before the kernel was told
        os.kill(os.getpid(), signal_number)


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
    inherited: Collection[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a command in its own session, without a terminal, its output in `log` (overwritten).

    `inherited` are the file descriptors that it also gets, with the same numbers.
    """
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
            pass_fds=tuple(inherited),
        )


def spawn_tied(
    command: Sequence[str | Path],
    *,
    log: Path,
    folder: Path,
    environment: Mapping[str, str],
    inherited: Collection[int] = (),
) -> subprocess.Popen[bytes]:
    """As `spawn`, and the kernel kills the new process when this one ends. Call from the main thread."""
    parent = os.getpid()
    return spawn(
        command,
        log=log,
        folder=folder,
        environment=environment,
        before_exec=lambda: die_with_parent(signal.SIGKILL, parent),
        inherited=inherited,
    )


def stop(identities: Iterable[ProcessIdentity], *, grace: float) -> None:
    """End these processes and all their descendants: SIGTERM to the named, after `grace` s SIGKILL to all.

    Returns when none of them is left; a zombie, which only its parent can remove, counts as gone.
    """
    named = [process for identity in identities if (process := identity.process()) is not None]
    family = {process for root in named for process in (root, *descendants(root))}
    for process in named:
        _signal(process, signal.SIGTERM)
    wait_until_gone(named, timeout=grace)
    family |= {process for root in family for process in descendants(root)}
    for process in family:
        _signal(process, signal.SIGKILL)
    wait_until_gone(family, timeout=_KILL_TIMEOUT)


def wait_until_gone(processes: Iterable[psutil.Process], *, timeout: float) -> bool:
    """Wait until none of these runs; returns False when that takes more than `timeout` seconds."""
    deadline = time.monotonic() + timeout
    left = [process for process in processes if _runs(process)]
    while left and time.monotonic() < deadline:
        time.sleep(_POLL)
        left = [process for process in left if _runs(process)]
    return not left


def descendants(process: psutil.Process) -> list[psutil.Process]:
    """All descendants of this process; none when it has ended."""
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def reap_orphans(children: Collection[int]) -> None:
    """Remove adopted processes that have ended; the pids in `children` are left to their own waiters."""
    if _libc is None:
        return
    try:
        while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if ended.si_pid in children:
                return
            os.waitpid(ended.si_pid, 0)
    except ChildProcessError:
        return


def end_descendants() -> None:
    """Kill every descendant of this process, adopted orphans included, until there is none."""
    while True:
        _reap()
        family = descendants(psutil.Process())
        if not family:
            return
        for process in family:
            _signal(process, signal.SIGKILL)
        time.sleep(_POLL)


def _start_of(pid: int) -> str:
    if sys.platform != "linux":
        return str(psutil.Process(pid).create_time())
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        raise psutil.NoSuchProcess(pid) from None
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{boot} {stat.rpartition(')')[2].split()[19]}"


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    except ChildProcessError:
        return


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
