"""The frames between the front and a worker, and the board on which workers mark what they are answering.

The front sends a worker one batch of requests at a time. The worker answers them in their order, so that frames need no
names.
"""

import mmap
import os
import struct
from dataclasses import dataclass

REQUEST = struct.Struct("<IHH")
"""Before a request: the bytes of its body, its Content-Type and its Accept. These two follow, and then the body."""
ANSWER = struct.Struct("<IIH")
"""Before an answer: the bytes of the HTTP response that follows, the rows that it answers, and its status."""
IDLE = (0, 0, 0.0)

_MARK = struct.Struct("<QQd")
_SLOT = 64  # bytes; a cache line


def request_head(body: int, types: bytes, content_type: int) -> bytes:
    """Return what comes before a body of `body` bytes: `types` is its Content-Type followed by its Accept."""
    return REQUEST.pack(body, content_type, len(types) - content_type) + types


@dataclass(frozen=True)
class Board:
    """Memory that the front shares with the workers: for each, the requests that it is answering now.

    A request is named by its number among all that the worker was sent, from 1. So when a worker dies, the
    front knows which of them may have killed it.
    """

    memory: mmap.mmap
    descriptor: int

    @classmethod
    def create(cls, workers: int) -> "Board":
        """Make a board for a number of workers."""
        descriptor = os.memfd_create("board")
        os.ftruncate(descriptor, workers * _SLOT)
        return cls.open(descriptor)

    @classmethod
    def open(cls, descriptor: int) -> "Board":
        """Map the board of another process."""
        return cls(mmap.mmap(descriptor, 0), descriptor)

    def mark(self, slot: int, first: int, last: int, started: float) -> None:
        """Store that a worker answers these requests since `started`, a time of the monotonic clock."""
        _MARK.pack_into(self.memory, slot * _SLOT, first, last, started)

    def clear(self, slot: int) -> None:
        """Store that a worker answers none."""
        _MARK.pack_into(self.memory, slot * _SLOT, *IDLE)

    def read(self, slot: int) -> tuple[int, int, float]:
        """Return the first and the last request that a worker is answering, and since when; zeros for none."""
        first, last, started = _MARK.unpack_from(self.memory, slot * _SLOT)
        return first, last, started
