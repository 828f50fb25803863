"""The events of a capture file, some at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from tasks.capture.events import Event, Unreadable, event_of

CHUNK_BYTES = 4 << 20
"""About the bytes of lines that are in memory at the same time."""


@dataclass
class Chunk:
    """Events that follow each other in a file, and the lines between them that can't be read."""

    events: list[Event] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)
    """The number of each such line, with the reason."""


def chunks(file: IO[bytes]) -> Iterator[Chunk]:
    """Yield the events of a file of JSON lines. Empty lines are none."""
    chunk, size = Chunk(), 0
    for number, line in enumerate(file, start=1):
        size += len(line)
        if not line.isspace():
            _add(chunk, line, number)
        if size >= CHUNK_BYTES:
            yield chunk
            chunk, size = Chunk(), 0
    yield chunk


def _add(chunk: Chunk, line: bytes, number: int) -> None:
    try:
        chunk.events.append(event_of(line, number))
    except Unreadable as unreadable:
        chunk.problems.append((number, str(unreadable)))
