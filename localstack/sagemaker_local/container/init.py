"""Run as `python init.py <server's pid> <command…>`, where there is no bubblewrap: watches over the command.

When the server ends, however that happens, the whole process group of the command ends with it.
"""

import ctypes
import os
import signal
import subprocess
import sys
from typing import Any

_PR_SET_PDEATHSIG = 1
_ORPHANED = signal.SIGUSR1


def main(server: int, command: list[str]) -> int:
    """Runs the command, hands SIGTERM on to it, and returns its exit code as a shell would."""
    signal.signal(_ORPHANED, _end_group)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, _ORPHANED)
    if os.getppid() != server:
        return 1
    process = subprocess.Popen(command, close_fds=False)
    signal.signal(signal.SIGTERM, lambda number, frame: process.send_signal(number))
    code = process.wait()
    return code if code >= 0 else 128 - code


def _end_group(*_: Any) -> None:
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
