"""Runs the script of a training job: passes SIGTERM on, and keeps the end of its standard error."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType

_TAIL = 1 << 16  # bytes
_LAST_OUTPUT = 2.0  # seconds; a process that the script left may hold the pipe open


class Script:
    """One process. StopTrainingJob's SIGTERM reaches it, and it has 120 seconds until SIGKILL."""

    def __init__(self) -> None:
        self.stopped = False
        """Whether SIGTERM has arrived."""
        self.errors = b""
        """The end of its standard error."""
        self._process: subprocess.Popen[bytes] | None = None
        signal.signal(signal.SIGTERM, self._pass_on)

    def run(self, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> int:
        """Run a command in `folder`, and return its exit code; 128 and the signal's number if a signal ended it."""
        if self.stopped:
            return 128 + signal.SIGTERM
        self._process = process = subprocess.Popen(command, env=environment, cwd=folder, stderr=subprocess.PIPE)
        if self.stopped:  # between the test above and the start
            process.terminate()
        reader = threading.Thread(target=self._read, args=(process,), daemon=True)
        reader.start()
        code = process.wait()
        reader.join(_LAST_OUTPUT)
        return code if code >= 0 else 128 - code

    def _pass_on(self, number: int, frame: FrameType | None) -> None:
        self.stopped = True
        if self._process:
            self._process.terminate()

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        while process.stderr and (part := os.read(process.stderr.fileno(), _TAIL)):
            self.errors = (self.errors + part)[-_TAIL:]
            sys.stderr.buffer.write(part)
            sys.stderr.buffer.flush()
