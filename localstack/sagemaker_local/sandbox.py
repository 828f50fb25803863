"""Starts and stops processes, each with its own /opt/ml: by bubblewrap, or else with relocated paths."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from uuid import uuid4

BUBBLEWRAP, RELOCATED = "bubblewrap", "relocated paths"
_ML = "/opt/ml"
_INIT = Path(__file__).parent / "container" / "init.py"


@dataclass(frozen=True)
class Workspace:
    """The folder of one job or container: `ml` becomes its /opt/ml, `home` and `tmp` are its own too."""

    root: Path

    @classmethod
    def make(cls, parent: Path, name: str) -> Workspace:
        """A new folder. `name` comes from a checked request and holds no separators."""
        root = parent / f"{name}-{uuid4().hex[:8]}"
        for folder in ("ml", "home", "tmp"):
            (root / folder).mkdir(parents=True)
        return cls(root)

    @property
    def ml(self) -> Path:
        return self.root / "ml"

    def remove(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)


@dataclass(frozen=True)
class Identity:
    """Who a process is on the network: its host's name, and the file that it sees as /etc/hosts."""

    hostname: str
    names: Path


class Process:
    """A process in a sandbox, with all that it starts."""

    def __init__(self, popen: subprocess.Popen[bytes], wrapped: bool) -> None:
        self._popen = popen
        self._wrapped = wrapped

    @property
    def output(self) -> IO[bytes]:
        """Its standard output and error."""
        if self._popen.stdout is None:
            raise RuntimeError("the process was started without a pipe")
        return self._popen.stdout

    @property
    def pid(self) -> int:
        """Of the outermost process; all else descends from it."""
        return self._popen.pid

    @property
    def running(self) -> bool:
        return self._popen.poll() is None

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code; then whatever it left behind is killed."""
        code = self._popen.wait(timeout)
        self.kill()
        return code

    def terminate(self) -> None:
        """SIGTERM to the command itself, not to what wraps it, which would take it down at once."""
        for pid in self._command_pids():
            _signal(pid, signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL to everything; bubblewrap's process namespace leaves nothing behind."""
        try:
            os.killpg(self._popen.pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def stop(self, grace: float) -> None:
        """SIGTERM, and SIGKILL after so many seconds."""
        self.terminate()
        try:
            self._popen.wait(grace)
        except subprocess.TimeoutExpired:
            self.kill()

    def _command_pids(self) -> list[int]:
        if not self._wrapped:
            return [self._popen.pid]
        inits = _children(self._popen.pid)
        return [pid for init in inits for pid in _children(init)] or [self._popen.pid]


class Sandbox:
    """How this machine isolates jobs; found out once, by doing it."""

    def __init__(self, isolation: str | None = None) -> None:
        # A process is told when the thread that started it ends, so all are started by one that lasts.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="starter")
        self._next_processor = 0
        self.isolation = isolation or (BUBBLEWRAP if self._bubblewrap_works() else RELOCATED)

    def ml(self, workspace: Workspace) -> str:
        """The path under which the process sees its /opt/ml."""
        return _ML if self.isolation == BUBBLEWRAP else str(workspace.ml)

    def relocated(self, path: str, workspace: Workspace) -> str:
        """A path below /opt/ml as the process must be told it."""
        return path if self.isolation == BUBBLEWRAP else path.replace(_ML, str(workspace.ml))

    def start(
        self,
        command: list[str],
        workspace: Workspace,
        environment: dict[str, str],
        *,
        directory: str,
        network: bool = True,
        identity: Identity | None = None,
        processors: int | None = None,
        pass_fds: tuple[int, ...] = (),
    ) -> Process:
        """Starts a command in `directory` (as it sees it) with exactly this environment.

        `identity` needs bubblewrap, and is left out without it. `processors` is how many of this machine's it may
        use, all when not given.

        Raises:
            OSError: it can't be started.
        """
        wrapped = self.isolation == BUBBLEWRAP
        line = _bubblewrapped(workspace, directory, network, identity) if wrapped else _watched()

        def popen() -> subprocess.Popen[bytes]:
            with self._on(processors):
                return subprocess.Popen(
                    [*line, *command],
                    env=environment,
                    cwd=None if wrapped else directory,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    pass_fds=pass_fds,
                )

        return Process(self._starter.submit(popen).result(), wrapped)

    def start_watched(self, command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
        """Starts a command on this machine as it is, in no sandbox; it ends with the server, however that happens.

        Raises:
            OSError: it can't be started.
        """

        def popen() -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                [*_watched(), *command],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

        return self._starter.submit(popen).result()

    @contextmanager
    def _on(self, count: int | None) -> Iterator[None]:
        """What is started meanwhile by this thread, and all that it starts, runs on so many processors, in turn."""
        every = sorted(os.sched_getaffinity(0))
        if count is None or count >= len(every):
            yield
            return
        chosen = {every[(self._next_processor + offset) % len(every)] for offset in range(count)}
        self._next_processor += count
        os.sched_setaffinity(0, chosen)
        try:
            yield
        finally:
            os.sched_setaffinity(0, every)

    def _bubblewrap_works(self) -> bool:
        if shutil.which("bwrap") is None:
            return False
        with tempfile.TemporaryDirectory() as folder:
            workspace = Workspace.make(Path(folder), "probe")
            (workspace.ml / "here").touch()
            (workspace.root / "hosts").touch()
            identity = Identity("probe", workspace.root / "hosts")
            probe = [*_bubblewrapped(workspace, _ML, network=True, identity=identity), sys.executable, "-ISc", _PROBE]
            done = subprocess.run(probe, capture_output=True, check=False, timeout=20)
        return done.returncode == 0


_PROBE = "import os; assert os.path.exists('/opt/ml/here') and os.path.exists('/proc/self')"


def _bubblewrapped(workspace: Workspace, directory: str, network: bool, identity: Identity | None) -> list[str]:
    line = ["bwrap", "--die-with-parent", "--unshare-pid", "--dev-bind", "/", "/", "--tmpfs", "/opt"]
    for neighbour in sorted(Path("/opt").iterdir()) if Path("/opt").is_dir() else []:
        if neighbour.name != "ml":
            line += ["--dev-bind", str(neighbour), str(neighbour)]
    line += ["--bind", str(workspace.ml), _ML, "--proc", "/proc", "--chdir", directory]
    if identity:
        line += ["--unshare-uts", "--hostname", identity.hostname, "--ro-bind", str(identity.names), "/etc/hosts"]
    return line if network else [*line, "--unshare-net"]


def _watched() -> list[str]:
    """A prefix that ends the command with all its children when this server ends, however that happens."""
    return [sys.executable, "-IS", str(_INIT), str(os.getpid())]


def descendants(pid: int) -> list[int]:
    """A process and all that it started, as far as they run."""
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
