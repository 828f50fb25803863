"""The front's side of one worker: sends it batches of requests, and reads its answers."""

from __future__ import annotations

import math
import socket
from collections import deque
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING

from serving.server.frames import ANSWER, request_head

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from serving.server.pool import Pool
    from serving.server.requests import Request

_BUFFER = bytearray(256 << 10)
_VIEW = memoryview(_BUFFER)
"""Answers are read into one buffer: only one link reads at a time."""
_MOST_PIECES = 64
_SMALL = 64 << 10  # bytes; pieces of a smaller batch are joined
QUICK, QUICK_PACE = 8 << 10, 200e-6
"""The most bytes of a quick batch, and the most seconds that a worker takes for each of its requests."""
AHEAD, SILENT = 250e-6, 1e-3
"""A busy worker is sent what it answers in AHEAD seconds, unless it has answered nothing for SILENT seconds."""
SLOWER = 1.05
"""The pace is the shortest recent time for one request: the stored one grows by this factor with each batch."""


class WorkerLink:
    """A worker as the front sees it. `batch` holds the requests that it has not answered, in order."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, connection: socket.socket, pid: int, slot: int, pool: Pool
    ) -> None:
        self.pid, self.slot = pid, slot
        self.batch: deque[Request] = deque()
        self.sent, self.sent_at = 0, 0.0
        self._size, self._since, self._pace = 0, 0.0, math.inf
        self._loop, self._socket, self._pool = loop, connection, pool
        self._unread = bytearray()
        self._unsent = deque[memoryview]()
        connection.setblocking(False)
        loop.add_reader(connection, self._read)

    def send(self, batch: Sequence[Request], size: int) -> None:
        """Send requests with bodies of `size` bytes together."""
        self.sent_at = monotonic()
        if not self.batch:
            self._since = self.sent_at
        self.batch.extend(batch)
        self.sent += len(batch)
        self._size += size
        pieces = list[bytes | bytearray]()
        for request in batch:
            head = request.head
            pieces.append(request_head(request.size, head.types, head.content_type))
            pieces += request.pieces
        if size < _SMALL:
            pieces = [b"".join(pieces)]
        self._unsent.extend(map(memoryview, pieces))
        self._write()

    @property
    def is_quick(self) -> bool:
        """Whether the worker will soon have answered its batch: it is small, and the worker is fast."""
        return self._size <= QUICK and self._pace <= QUICK_PACE

    @property
    def room(self) -> int:
        """How many small requests may be sent to a busy worker, so that it continues without a pause. 0 for a free one.

        One that is silent gets no more: requests must not wait behind one that takes long.
        """
        if not self.batch or not self.is_quick or monotonic() - self._since > SILENT:
            return 0
        return max(0, int(AHEAD / self._pace) - len(self.batch))

    @property
    def first(self) -> int:
        """The number of the first request in `batch`, among all that the worker was sent."""
        return self.sent - len(self.batch) + 1

    def close(self) -> None:
        """Read and write nothing more."""
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        self._socket.close()

    def _write(self) -> None:
        try:
            while self._unsent:
                self._drop(self._socket.sendmsg(list(islice(self._unsent, _MOST_PIECES))))
        except BlockingIOError:
            self._loop.add_writer(self._socket, self._write_on)
        except OSError:
            self._unsent.clear()  # the worker has ended: `_read` gets the end of file, and reports it

    def _write_on(self) -> None:
        self._loop.remove_writer(self._socket)
        self._write()

    def _drop(self, sent: int) -> None:
        while sent:
            piece = self._unsent[0]
            if len(piece) > sent:
                self._unsent[0] = piece[sent:]
                return
            sent -= len(piece)
            self._unsent.popleft()

    def _read(self) -> None:
        try:
            count = self._socket.recv_into(_BUFFER)
        except BlockingIOError:
            return
        except OSError:
            count = 0
        if not count:
            self._pool.worker_ended(self)
        elif self._unread:
            self._unread += _VIEW[:count]
            with memoryview(self._unread) as view:
                used = self._answer(view, len(view))
            del self._unread[:used]
        else:
            used = self._answer(_VIEW, count)
            self._unread += _VIEW[used:count]

    def _answer(self, view: memoryview, end: int) -> int:
        """Pass the complete answers to the pool. Returns the bytes that they take."""
        at, unpack, head, before = 0, ANSWER.unpack_from, ANSWER.size, len(self.batch)
        while at + head <= end:
            size, rows, status = unpack(view, at)
            stop = at + head + size
            if stop > end:
                break
            request = self.batch.popleft()
            self._size -= request.size
            self._pool.answered(request, bytes(view[at + head : stop]), status, rows)
            at = stop
        if answered := before - len(self.batch):
            now = monotonic()
            self._pace, self._since = min((now - self._since) / answered, SLOWER * self._pace), now
            self._pool.answered_some(self)
        return at
