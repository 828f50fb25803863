"""The bounded queue of requests, and the workers that answer them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from serving.server import log
from serving.server.responses import RETRY_AFTER, refusal
from serving.server.worker_link import QUICK, WorkerLink

if TYPE_CHECKING:
    import asyncio
    import socket

    from serving.server.frames import Board
    from serving.server.metrics import Metrics
    from serving.server.requests import Request
    from serving.server.settings import Settings

MOST_TOGETHER = 32
"""Requests in a batch."""
LARGE = 64 << 10
"""Bytes. A larger body is a batch of its own, so that no small request waits behind it."""
FEWEST_TOGETHER = 8
"""While a worker has a quick batch, another is woken only for this many requests that it has no room for: to wake it
for one costs as much processor time as to answer it."""
HELD = 1e-3
"""The most seconds that a request waits for that."""
_MOST_TRIES = 2
_OVERLOADED = "The server has too many requests in its queue."
_POISON = "Two worker processes ended while they answered this request."
_TOO_LATE = "The request was not answered within {:g} s."


class Pool:
    """Gives requests to free workers, in the order of their arrival, as many together as wait."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        settings: Settings,
        board: Board,
        metrics: Metrics,
        kill: Callable[[int], None],
    ) -> None:
        self.links = set[WorkerLink]()
        self.bytes_held = 0
        self._waiting: deque[Request] = deque()
        self._free = list[WorkerLink]()
        self._loop, self._settings, self._board, self._metrics, self._kill = loop, settings, board, metrics, kill
        self._planned = self._held = False

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def in_progress(self) -> int:
        """The requests that workers have."""
        return sum(len(link.batch) for link in self.links)

    def hold(self, size: int) -> bool:
        """Count bytes of bodies that the server holds, or (negative) releases. Returns whether they fit the limit."""
        self.bytes_held += size
        return self.bytes_held <= self._settings.queue_bytes

    def submit(self, request: Request) -> None:
        """Queue a request, or answer 429."""
        self.bytes_held += request.size
        if len(self._waiting) >= self._settings.queue or self.bytes_held > self._settings.queue_bytes:
            self._refuse(request, 429, _OVERLOADED, RETRY_AFTER)
            return
        self._waiting.append(request)
        self._plan()

    def forget(self, request: Request) -> None:
        """Send no answer to a request whose client has left."""
        request.wanted = False

    def add(self, connection: socket.socket, pid: int, slot: int) -> None:
        """Take a new worker, connected by this socket. It has the place on the board of one that ended."""
        for old in [link for link in self.links if link.slot == slot]:
            self.worker_ended(old)
        self._board.clear(slot)
        link = WorkerLink(self._loop, connection, pid, slot, self)
        self.links.add(link)
        self._free.append(link)
        self._plan()

    def answered_some(self, link: WorkerLink) -> None:
        """A worker has answered requests of its batch."""
        if not link.batch:
            self._free.append(link)
        if self._waiting:
            self._plan()

    def answered(self, request: Request, response: bytes, status: int, rows: int) -> None:
        """Hand an answer to its client."""
        self._metrics.answered(status, rows, monotonic() - request.received)
        self._finish(request, response)

    def worker_ended(self, link: WorkerLink) -> None:
        """Give the requests of a worker that ended to the others. A request that ended two workers is answered 503."""
        if link not in self.links:
            return
        first, last, started = self._board.read(link.slot)
        suspects = [request for number, request in enumerate(link.batch, link.first) if first <= number <= last]
        for request in suspects if started else ():
            request.tries += 1
        self._remove(link)
        for request in reversed(link.batch):
            if request.tries < _MOST_TRIES:
                self._waiting.appendleft(request)
            else:
                log.event("request_ended_workers", bytes=request.size, tries=request.tries)
                self._refuse(request, 503, _POISON)
        self._plan()

    def check_time(self, now: float) -> None:
        """Answer 504 to requests that waited too long, and kill the workers that took too long for one."""
        limit, late = self._settings.timeout, _TOO_LATE.format(self._settings.timeout)
        while self._waiting and now - self._waiting[0].received > limit:
            self._refuse(self._waiting.popleft(), 504, late)
        for link in [link for link in self.links if link.batch]:
            first, last, started = self._board.read(link.slot)
            if now - max(started, link.sent_at) <= limit:
                continue
            log.event("worker_timeout", pid=link.pid, seconds=round(now - max(started, link.sent_at), 1))
            self._kill(link.pid)
            self._remove(link)
            for number, request in reversed(list(enumerate(link.batch, link.first))):
                if not started or first <= number <= last:
                    self._refuse(request, 504, late)
                else:
                    self._waiting.appendleft(request)
            self._plan()

    def _remove(self, link: WorkerLink) -> None:
        link.close()
        self.links.discard(link)
        if link in self._free:
            self._free.remove(link)

    def _plan(self) -> None:
        """Dispatch after the events of this turn of the loop, so that requests that come together go together."""
        if not self._planned:
            self._planned = True
            self._loop.call_soon(self._dispatch)

    def _dispatch(self) -> None:
        self._planned = False
        while self._waiting and (link := self._next()):
            batch, size = self._take(link)
            if batch and not link.batch:
                self._free.remove(link)
            if batch:
                link.send(batch, size)

    def _next(self) -> WorkerLink | None:
        """Return the worker for the next requests: a busy one that will soon begin with them, or a free one."""
        first = self._waiting[0]
        if first.size <= QUICK and not first.tries and (busy := [link for link in self.links if link.room]):
            return min(busy, key=lambda link: len(link.batch))
        return self._free[-1] if self._free and not self._may_wait() else None

    def _may_wait(self) -> bool:
        """Whether so few requests wait that they may wait for a busy worker which will soon be free."""
        if len(self._waiting) >= FEWEST_TOGETHER or not any(link.batch and link.is_quick for link in self.links):
            return False
        if self._waiting[0].size > QUICK or monotonic() - self._waiting[0].received >= HELD:
            return False
        if not self._held:
            self._held = True
            self._loop.call_later(HELD, self._end_hold)
        return True

    def _end_hold(self) -> None:
        self._held = False
        self._dispatch()

    def _take(self, link: WorkerLink) -> tuple[list[Request], int]:
        """Take requests that a worker may answer together. Returns them and the bytes of their bodies.

        They are small ones in the room of a busy worker, or the share of a free one, or up to FEWEST_TOGETHER for it
        where these are small.
        """
        batch: list[Request] = []
        size, waiting = 0, self._waiting
        share, largest = (link.room, QUICK) if link.batch else (-(-len(waiting) // len(self._free)), LARGE)
        fewest = share if link.batch else FEWEST_TOGETHER
        while waiting and len(batch) < MOST_TOGETHER:
            request = waiting[0]
            alone = request.size > LARGE or request.tries
            most = share if size + request.size > QUICK else max(share, fewest)
            if batch and (alone or size + request.size > largest or len(batch) >= most):
                break
            waiting.popleft()
            if not request.wanted:
                self.bytes_held -= request.size
                continue
            batch.append(request)
            size += request.size
            if alone:
                break
        return batch, size

    def _refuse(self, request: Request, status: int, reason: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        self._metrics.requests[status] += 1
        self._finish(request, refusal(status, reason, headers))

    def _finish(self, request: Request, response: bytes) -> None:
        self.bytes_held -= request.size
        if request.wanted:
            request.client.respond(response)
