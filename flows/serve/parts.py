"""The processes that `vishwaops serve` starts. They end with it, however it ends."""

import os
import signal
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

from config import settings
from config.errors import Unreachable
from offline_cloud.processes import die_with_parent, spawn
from sagemaker_local.private_files import private_folder

LOGS = settings.STATE / "serve"
END_SECONDS = 6.0
"""How long a part may take to end its own work before it is killed."""
POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Part:
    """One process, and where it writes its log."""

    name: str
    process: Popen[bytes]
    log: Path

    def require_running(self) -> None:
        """Raises Unreachable with the end of the log when the process has ended."""
        if (status := self.process.poll()) is not None:
            lines = self.log.read_text(encoding="utf-8", errors="replace").split("\n")
            last = next((line.strip() for line in reversed(lines) if line.strip()), "it wrote nothing")
            raise Unreachable(
                f"The {self.name} has ended with status {status}: {last}. Its log: {self.log}. Run the command again: "
                "it continues"
            )


def start(
    name: str, module: str, *arguments: str, environment: Mapping[str, str], inherited: Iterable[int] = ()
) -> Part:
    """Start `python -m module`. The kernel sends it SIGTERM when this process ends. Call from the main thread."""
    log, parent = private_folder(LOGS) / f"{name.lower().replace(' ', '-')}.log", os.getpid()
    process = spawn(
        [sys.executable, "-m", module, *arguments],
        log=log,
        folder=settings.PROJECT,
        environment=environment,
        before_exec=lambda: die_with_parent(signal.SIGTERM, parent),
        inherited=tuple(inherited),
    )
    return Part(name, process, log)


def end(parts: Iterable[Part], seconds: float = END_SECONDS) -> None:
    """Send SIGTERM to each, wait for them, and kill those that are left."""
    parts, deadline = list(parts), time.monotonic() + seconds
    for part in parts:
        part.process.terminate()
    while any(part.process.poll() is None for part in parts) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    for part in parts:
        part.process.kill()
        part.process.wait()
