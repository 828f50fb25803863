"""Cuts the output of a container into lines for the log and the metrics."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import IO

LONGEST = 262_144 - 26
"""Bytes of a line. CloudWatch's event of 256 KB without its overhead, the limit of Docker's awslogs driver."""
_CHUNK = 1 << 16
_ENDS = re.compile(rb"\r\n|\r|\n")


def batches(stream: IO[bytes]) -> Iterator[list[str]]:
    """The lines of a pipe as they arrive, in lists of those that arrive together, until its end.

    A line ends with a line feed, with a carriage return (so that each state of a progress bar is a line), or with
    both. A longer one than LONGEST becomes several. Bytes that are not UTF-8 become U+FFFD. No more than one line and
    one chunk are ever in memory.
    """
    cutter = Cutter()
    while chunk := os.read(stream.fileno(), _CHUNK):
        if lines := cutter.cut(chunk):
            yield lines
    if last := cutter.rest():
        yield last


class Cutter:
    """Cuts chunks into lines, and keeps the line that has not ended yet."""

    def __init__(self) -> None:
        self._line = b""
        self._after_return = False

    def cut(self, chunk: bytes) -> list[str]:
        """The lines that end in this chunk."""
        if self._after_return:
            chunk = chunk.removeprefix(b"\n")
        self._after_return = chunk.endswith(b"\r")
        first, *others = _ENDS.split(chunk)
        found = self._grow(first)
        for part in others:
            found += self.rest(even_empty=True)
            found += self._grow(part)
        return found

    def rest(self, *, even_empty: bool = False) -> list[str]:
        """The line as it is now; the next one begins empty."""
        line, self._line = self._line, b""
        return _texts(line) if line or even_empty else []

    def _grow(self, part: bytes) -> list[str]:
        self._line += part
        found = []
        while len(self._line) > LONGEST:
            end = _end_of_character(self._line, LONGEST)
            found += _texts(self._line[:end])
            self._line = self._line[end:]
        return found


def _end_of_character(line: bytes, end: int) -> int:
    """The last position up to `end` that cuts no UTF-8 character."""
    return next((at for at in range(end, end - 4, -1) if line[at] & 0xC0 != 0x80), end)


def _texts(line: bytes) -> list[str]:
    """A line as text; several lines where U+FFFD for single bytes makes it too long."""
    text = line.decode(errors="replace")
    if len(text) * 4 <= LONGEST or len(text.encode()) <= LONGEST:
        return [text]
    size = LONGEST // 4
    return [text[start : start + size] for start in range(0, len(text), size)]
