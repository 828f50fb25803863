"""One connection to a container, and the exchange of one request for its answer."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Protocol

from sagemaker_local.container_http import (
    HEAD_END,
    LONGEST_HEAD,
    ContainerResponse,
    chunked_body,
    is_chunked,
    parsed_head,
    whole_body,
)

Outcome = ContainerResponse | Exception
Done = Callable[[Outcome], None]


class ConnectionOwner(Protocol):
    """Where connections are kept between exchanges."""

    def keep(self, connection: Connection) -> None:
        """Takes back a connection whose exchange has ended."""

    def forget(self, connection: Connection) -> None:
        """Takes a closed connection out of the idle ones."""

    def close_idle(self) -> None:
        """Closes the connections that wait for a request."""

    def connect(self, exchange: Exchange) -> None:
        """Sends the request of an exchange on a new connection."""


class Exchange:
    """One request, and who waits for its answer."""

    __slots__ = ("connection", "done", "request", "timer")

    def __init__(self, request: bytes, done: Done) -> None:
        self.request = request
        self.done: Done | None = done
        self.connection: Connection | None = None
        self.timer: asyncio.TimerHandle | None = None

    def end(self, outcome: Outcome) -> None:
        """Passes the outcome on, unless the exchange has ended before."""
        done, self.done, self.connection = self.done, None, None
        if self.timer:
            self.timer.cancel()
        if done:
            done(outcome)

    def time_out(self) -> None:
        if self.connection:
            self.connection.abandon()
        self.end(TimeoutError())


class Connection(asyncio.Protocol):
    """One connection to the container, with at most one exchange at a time."""

    __slots__ = ("_exchange", "_head", "_owner", "_received", "_used", "transport")

    transport: asyncio.Transport

    def __init__(self, owner: ConnectionOwner) -> None:
        self._owner = owner
        self._exchange: Exchange | None = None
        self._received = bytearray()
        self._head: tuple[int, dict[str, str], int] | None = None
        """Status, headers, and where the body begins in `_received`."""
        self._used = False

    def begin(self, exchange: Exchange) -> None:
        self._exchange, exchange.connection = exchange, self
        self.transport.write(exchange.request)

    def abandon(self) -> None:
        """Closes the connection without an outcome."""
        self._exchange = None
        self.transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        exchange = self._exchange
        if exchange is None:  # bytes that belong to no request
            self._owner.forget(self)
            self.transport.close()
            return
        received: bytes | bytearray = data
        if self._received:
            self._received += data
            received = self._received
        try:
            response = self._response(received)
        except (ValueError, IndexError):
            self._break(ConnectionError("its answer is not HTTP, or its headers have more than 64 KB"))
            return
        if response:
            self._end(exchange, response)
        elif not self._received:
            self._received = bytearray(data)

    def _response(self, received: bytes | bytearray) -> ContainerResponse | None:
        """The answer; None until it has arrived as a whole. Raises ValueError or IndexError if it is not HTTP."""
        if self._head is None:
            end = received.find(HEAD_END, 0, LONGEST_HEAD)
            if end < 0:
                if len(received) >= LONGEST_HEAD:
                    raise ValueError
                return None
            self._head = (*parsed_head(bytes(received[:end])), end + len(HEAD_END))
        status, headers, start = self._head
        body = chunked_body(received, start) if is_chunked(headers) else whole_body(received, start, headers)
        return None if body is None else ContainerResponse(status, headers, body)

    def _end(self, exchange: Exchange, response: ContainerResponse) -> None:
        self._exchange, self._head, self._used = None, None, True
        if self._received:
            self._received = bytearray()
        if response.headers.get("connection", "").lower() == "close":
            self.transport.close()
        else:
            self._owner.keep(self)
        exchange.end(response)

    def eof_received(self) -> None:
        """The container has closed: before it could read the request, or during its answer."""
        self._owner.forget(self)
        if self._exchange and not self._received and _was_refused(self.transport):
            self._lost(read=False, error=None)

    def connection_lost(self, error: Exception | None) -> None:
        self._owner.forget(self)
        self._lost(read=bool(self._received) or not isinstance(error, ConnectionResetError), error=error)

    def _lost(self, *, read: bool, error: Exception | None) -> None:
        exchange, self._exchange = self._exchange, None
        if exchange is None:
            return
        if not read and self._used:
            exchange.connection = None
            self._owner.connect(exchange)
            return
        self._owner.close_idle()  # the container may have ended, and its other connections end a moment later
        exchange.end(error if isinstance(error, OSError) else EOFError("it closed the connection"))

    def _break(self, error: Exception) -> None:
        exchange, self._exchange = self._exchange, None
        self.transport.abort()
        if exchange:
            exchange.end(error)


def _was_refused(transport: asyncio.Transport) -> bool:
    """Whether the kernel has refused what was sent, since the other side had closed. It reports that once."""
    peer: socket.socket = transport.get_extra_info("socket")
    return peer.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0
