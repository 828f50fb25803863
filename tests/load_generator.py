"""A closed loop of HTTP requests over persistent connections, by raw sockets and epoll in one thread.

Each connection sends its next request as soon as its answer is complete. It costs some 20 µs of a processor per
request, the same for every server, so that the figures are those of the server.
"""

from __future__ import annotations

import math
import select
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle

HOST = "127.0.0.1"
READ_AT_ONCE = 1 << 18
"""Bytes."""
HANG_SECONDS = 120.0
"""An answer that takes longer is a failure, and its connection is closed."""


@dataclass
class Load:
    """What came back."""

    seconds: float = 0.0
    """From the first request to the last answer."""
    latencies: list[float] = field(default_factory=list)
    """Seconds from the first byte sent to the last byte received, of each answer, in the order of their ends."""
    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    """Connections that were refused, broke or hung before their answer was complete."""
    last: bytes = b""
    """The body of the last answer."""

    @property
    def per_second(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """The latency that this share of the answers does not exceed, in seconds; NaN without answers."""
        ordered = sorted(self.latencies)
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


def http_request(port: int, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """The bytes of a POST to this machine."""
    lines = [f"POST {path} HTTP/1.1", f"Host: {HOST}:{port}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode("latin-1") + body


def run_load(
    port: int,
    requests: Sequence[bytes],
    connections: int,
    seconds: float,
    *,
    least: int = 0,
    stop: Callable[[], bool] = lambda: False,
    answered: Callable[[int, bytes], object] = lambda status, body: None,
) -> Load:
    """Send the requests in turn for `seconds`, and at least `least` of them, then wait for the answers in progress.

    `stop` ends it early. `answered` gets the status and the body of each answer.
    """
    loop = _Loop(port, cycle(requests), Load(), answered)
    began = time.perf_counter()
    loop.deadline, loop.least = began + seconds, max(least, connections)
    loop.run(connections, stop)
    loop.load.seconds = time.perf_counter() - began
    return loop.load


class _Loop:
    """The connections, by file descriptor."""

    def __init__(
        self, port: int, requests: Iterator[bytes], load: Load, answered: Callable[[int, bytes], object]
    ) -> None:
        self.port, self.requests, self.load, self.answered = port, requests, load, answered
        self.deadline, self.least, self.begun = 0.0, 0, 0
        self._poll, self._open = select.epoll(), dict[int, _Connection]()

    def run(self, connections: int, stop: Callable[[], bool]) -> None:
        for _ in range(connections):
            self._connect()
        stopped = False
        while self._open:
            for descriptor, events in self._poll.poll(0.5):
                if connection := self._open.get(descriptor):
                    self._handle(connection, events, stopped)
            stopped = stopped or stop()
            self._end_hanging()
        self._poll.close()

    def _connect(self) -> None:
        connection = _Connection(self.port)
        try:
            connection.connect()
        except OSError as error:
            self._fail(connection, error, registered=False)
            return
        self._open[connection.descriptor] = connection
        self._poll.register(connection.descriptor, select.EPOLLIN)
        self._begin(connection)

    def _begin(self, connection: _Connection) -> None:
        self.begun += 1
        connection.begin(next(self.requests))
        self._send(connection)

    def _send(self, connection: _Connection) -> None:
        try:
            whole = connection.send()
        except OSError:  # the answer, or the end of the connection, can be read
            connection.unsent, whole = memoryview(b""), True
        wanted = select.EPOLLIN if whole else select.EPOLLIN | select.EPOLLOUT
        if wanted != connection.wanted:
            connection.wanted = wanted
            self._poll.modify(connection.descriptor, wanted)

    def _handle(self, connection: _Connection, events: int, stopped: bool) -> None:
        if events & select.EPOLLOUT:
            self._send(connection)
        if not events & ~select.EPOLLOUT:
            return
        try:
            answer = connection.receive()
        except (OSError, ValueError) as error:
            self._fail(connection, error)
            if self._continues(stopped):
                self._connect()
            return
        if answer:
            self._finish(connection, answer, stopped)

    def _finish(self, connection: _Connection, answer: _Answer, stopped: bool) -> None:
        self.load.latencies.append(time.perf_counter() - connection.begun_at)
        self.load.statuses[answer.status] += 1
        self.load.last = answer.body
        self.answered(answer.status, answer.body)
        if not self._continues(stopped):
            self._close(connection)
        elif answer.closes:
            self._close(connection)
            self._connect()
        else:
            self._begin(connection)

    def _continues(self, stopped: bool) -> bool:
        return not stopped and (self.begun < self.least or time.perf_counter() < self.deadline)

    def _fail(self, connection: _Connection, error: Exception, *, registered: bool = True) -> None:
        self.load.failures.append(f"{type(error).__name__}: {error}")
        if registered:
            self._close(connection)
        else:
            connection.socket.close()

    def _close(self, connection: _Connection) -> None:
        self._open.pop(connection.descriptor, None)
        self._poll.unregister(connection.descriptor)
        connection.socket.close()

    def _end_hanging(self) -> None:
        oldest = time.perf_counter() - HANG_SECONDS
        for connection in [each for each in self._open.values() if each.begun_at < oldest]:
            self._fail(connection, TimeoutError(f"no answer after {HANG_SECONDS:g} s"))


@dataclass
class _Answer:
    status: int
    body: bytes
    closes: bool


class _Connection:
    """One connection and its request in progress."""

    def __init__(self, port: int) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.port, self.descriptor, self.wanted = port, self.socket.fileno(), int(select.EPOLLIN)
        self.begun_at, self.unsent, self.read = 0.0, memoryview(b""), bytearray()
        self._head_ends, self._body_ends = -1, -1

    def connect(self) -> None:
        self.socket.connect((HOST, self.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)

    def begin(self, request: bytes) -> None:
        self.unsent, self.read = memoryview(request), bytearray()
        self._head_ends = self._body_ends = -1
        self.begun_at = time.perf_counter()

    def send(self) -> bool:
        """Send what the socket takes. Returns whether everything is sent."""
        try:
            while self.unsent:
                self.unsent = self.unsent[self.socket.send(self.unsent) :]
        except BlockingIOError:
            return False
        return True

    def receive(self) -> _Answer | None:
        """The answer, once it is complete. Raises ConnectionError when the peer closes before."""
        try:
            piece = self.socket.recv(READ_AT_ONCE)
        except BlockingIOError:
            return None
        if not piece:
            raise ConnectionResetError(f"closed after {len(self.read)} bytes of an answer")
        self.read += piece
        if self._head_ends < 0 and not self._read_head():
            return None
        if self._chunked and self.read.endswith(b"0\r\n\r\n"):
            self._body_ends = len(self.read)
        if self._body_ends < 0 or len(self.read) < self._body_ends:
            return None
        head, body = bytes(self.read[: self._head_ends]), bytes(self.read[self._head_ends : self._body_ends])
        return _Answer(int(head[9:12]), body, b"connection: close" in head.lower())

    def _read_head(self) -> bool:
        end = self.read.find(b"\r\n\r\n")
        if end < 0:
            return False
        self._head_ends = end + 4
        head = bytes(self.read[: self._head_ends]).lower()
        self._chunked = b"transfer-encoding: chunked" in head
        if not self._chunked:
            begin = head.index(b"content-length:") + 15
            self._body_ends = self._head_ends + int(head[begin : head.index(b"\r", begin)])
        return True
