"""Records what a command prints to a terminal, with the time of each line."""

import os
import pty
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

COLUMNS = 130
"""Of the terminal: the longest line of the demo fits."""


@dataclass(frozen=True)
class Line:
    """A line with its ANSI codes, and the seconds from the start until it was printed."""

    seconds: float
    text: str


def record(command: Sequence[str], environment: Mapping[str, str]) -> list[Line]:
    """Run `command` in a terminal of COLUMNS columns and return its lines. Raises CalledProcessError when it fails."""
    reader, terminal = pty.openpty()
    begun = time.monotonic()
    variables = {**environment, "COLUMNS": str(COLUMNS), "TERM": "xterm-256color"}
    with subprocess.Popen(command, stdout=terminal, stderr=terminal, env=variables) as process:
        os.close(terminal)
        lines = [Line(time.monotonic() - begun, text) for text in _printed(reader)]
    os.close(reader)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, list(command), "\n".join(line.text for line in lines))
    return lines


def _printed(reader: int) -> Iterator[str]:
    """Each line as soon as it is complete."""
    rest = b""
    with suppress(OSError):  # Linux's end of a terminal
        while content := os.read(reader, 65_536):
            *complete, rest = (rest + content).split(b"\n")
            yield from (line.decode().rstrip("\r") for line in complete)
    if rest:
        yield rest.decode().rstrip("\r")
