"""One client's connection: reads requests of HTTP/1.1, one at a time, and writes their responses in order."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING, cast

from serving.server.bodies import BadBody, ChunkedBody, SizedBody
from serving.server.http_heads import INVOCATIONS, LARGEST_HEAD, BadHead, Head, read_head
from serving.server.requests import Request
from serving.server.responses import CONTINUE, RETRY_AFTER, closing, refusal, without_body

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serving.server.front import Front

_HEAD, _BODY, _WAITING, _CLOSING = range(4)
_KEPT_OPEN = 120.0
"""Seconds that a connection stays open without a request."""
_SLOWEST = 16 << 10
"""Bytes a second: the slowest body that the server waits for."""
_LINGER = 2.0
"""Seconds in which the client may read a refusal before the connection closes. What it still sends is discarded."""


class Connection(asyncio.Protocol):
    """Reads requests and hands them to the front. Data that arrives while a request is answered waits."""

    __slots__ = (
        "_body",
        "_ended",
        "_front",
        "_head",
        "_open",
        "_request",
        "_rest",
        "_since",
        "_stalled",
        "_state",
        "_transport",
    )

    _transport: asyncio.Transport

    def __init__(self, front: Front) -> None:
        self._front = front
        self._state, self._since, self._rest = _HEAD, monotonic(), b""
        self._head: Head | None = None
        self._body: SizedBody | ChunkedBody | None = None
        self._request: Request | None = None
        self._open, self._ended, self._stalled = True, False, False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Register with the front."""
        self._transport = cast("asyncio.Transport", transport)
        self._front.connections.add(self)
        if len(self._front.connections) > self._front.most_connections:
            self._refuse(429, "The server has too many connections.", RETRY_AFTER)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the request, if one waits."""
        self._open = False
        self._front.connections.discard(self)
        if self._request is not None:
            self._front.pool.forget(self._request)
        self._drop_body()

    def eof_received(self) -> bool:
        """A client that has sent its last request still gets its answer."""
        self._ended = self._state == _WAITING or (self._state == _HEAD and bool(self._rest))
        if self._state == _HEAD and self._rest:
            self._front.loop.call_soon(self._continue)
        return self._ended

    def pause_writing(self) -> None:
        """The client does not read: read nothing more from it."""
        self._stalled, self._since = True, monotonic()

    def resume_writing(self) -> None:
        """The client reads again."""
        self._stalled = False
        if self._state == _HEAD:
            self._continue()

    def data_received(self, data: bytes) -> None:
        """Take what the client sent."""
        if self._state == _HEAD and not self._stalled:
            self._read_head(self._rest + data if self._rest else data)
        elif self._state == _BODY:
            self._read_body(data)
        elif self._state != _CLOSING:
            self._rest += data
            self._transport.pause_reading()

    def _read_head(self, data: bytes) -> None:
        end = data.find(b"\r\n\r\n", 0, LARGEST_HEAD) + 4
        if end < 4:
            self._wait_for_head(data)
            return
        try:
            head = read_head(data[:end], self._front.loopback_port)
        except BadHead as bad:
            self._refuse(bad.status, bad.reason)
            return
        self._head = head
        if head.path != INVOCATIONS or head.method != "POST":
            self._answer_directly(head, data[end:])
        elif (head.length or 0) > self._front.settings.largest_body:
            self._too_large()
        elif head.length == len(data) - end:
            self._rest = b""
            self._submit(head, (data[end:],), head.length)
        else:
            self._begin_body(head, data[end:])

    def _wait_for_head(self, data: bytes) -> None:
        if len(data) >= LARGEST_HEAD:
            self._refuse(431, f"The head of a request has at most {LARGEST_HEAD} bytes.")
        elif data and not self._rest:
            self._since = monotonic()
        self._rest = data
        if self._ended:
            self.close()

    def _begin_body(self, head: Head, data: bytes) -> None:
        self._rest = b""
        self._state, self._since = _BODY, monotonic()
        self._body = ChunkedBody() if head.length is None else SizedBody(head.length)
        if head.expects_continue and not data:
            self._transport.write(CONTINUE)
        if data:
            self._read_body(data)
        if self._ended and self._state == _BODY:
            self.close()

    def _read_body(self, data: bytes) -> None:
        body, head = self._body, self._head
        assert body is not None and head is not None  # noqa: S101
        before = body.size
        try:
            rest = body.feed(data)
        except BadBody as bad:
            self._front.pool.hold(body.size - before)
            self._refuse(400, f"The body's chunks are not well formed: {bad}.")
            return
        fits = self._front.pool.hold(body.size - before)
        if body.size > self._front.settings.largest_body:
            self._too_large()
        elif not fits:
            self._front.count_refusal(429)
            self._refuse(429, "The server holds too many bytes of requests.", RETRY_AFTER)
        elif rest is not None:
            self._body, self._rest = None, rest
            self._front.pool.hold(-body.size)
            self._submit(head, body.pieces, body.size)

    def _submit(self, head: Head, pieces: Sequence[bytes | bytearray], size: int) -> None:
        self._state = _WAITING
        self._request = Request(self, head, pieces, size, monotonic())
        self._front.submit(self._request)

    def _answer_directly(self, head: Head, data: bytes) -> None:
        whole = self._front.answer(head)
        whole = without_body(whole) if head.method == "HEAD" else whole
        if head.length != 0:  # the body is not read
            self._write_last(whole)
            return
        self._state, self._rest = _WAITING, data
        self.respond(whole)

    def respond(self, response: bytes) -> None:
        """Write a response, and continue with the next request."""
        self._request, head = None, self._head
        if not self._open:
            return
        assert head is not None  # noqa: S101
        if not head.keep_alive or self._front.draining or (self._ended and not self._rest):
            self._transport.write(closing(response))
            self.close()
            return
        if head.old:
            response = response.replace(b"\r\n", b"\r\nconnection: keep-alive\r\n", 1)
        self._state = _HEAD
        self._transport.write(response)
        self._since = monotonic()
        if self._rest:  # pipelined requests: not in this call, which could nest as deep as there are
            self._front.loop.call_soon(self._continue)

    def _continue(self) -> None:
        if self._state != _HEAD or self._stalled or not self._open:
            return
        self._transport.resume_reading()
        data, self._rest = self._rest, b""
        if data:
            self._read_head(data)

    def _too_large(self) -> None:
        self._front.count_refusal(413)
        self._refuse(413, f"A request's body has at most {self._front.settings.largest_body} bytes.")

    def _refuse(self, status: int, reason: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        self._drop_body()
        self._write_last(refusal(status, reason, headers))

    def _write_last(self, response: bytes) -> None:
        """Write a response, and close once the client had time to read it: a close at once may discard it."""
        self._state, self._rest, self._since = _CLOSING, b"", monotonic()
        self._transport.write(closing(response))
        if self._transport.can_write_eof():
            self._transport.write_eof()

    def _drop_body(self) -> None:
        if self._body is not None:
            self._front.pool.hold(-self._body.size)
            self._body = None

    def check_time(self, now: float) -> None:
        """Close the connection of a client that is too slow."""
        waited, patience = now - self._since, self._front.settings.head_time
        if self._stalled:
            if waited > self._front.settings.timeout:
                self._transport.abort()
        elif self._state == _HEAD and self._rest:
            if waited > patience:
                self._refuse(408, f"The head of a request must be complete in {patience:g} s.")
        elif self._state == _HEAD and waited > _KEPT_OPEN:
            self._transport.close()
        elif self._state == _BODY and self._body is not None:
            if waited > patience + self._body.size / _SLOWEST:
                self._refuse(408, f"A body must arrive with at least {_SLOWEST} bytes a second.")
        elif self._state == _CLOSING and waited > _LINGER:
            self._transport.abort()

    @property
    def idle(self) -> bool:
        """Whether the client has no request in progress."""
        return self._state == _HEAD and not self._rest

    def close(self) -> None:
        """Close the connection once what was written is sent."""
        self._state = _CLOSING
        self._transport.close()
