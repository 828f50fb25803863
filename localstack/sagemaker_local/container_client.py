"""A keep-alive HTTP client for the containers of endpoints. It is small because every invocation uses it."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import lru_cache

_MOST_IDLE = 64
_PIECE = 1 << 16
_LONGEST_HEAD = 1 << 16
_HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class ContainerResponse:
    status: int
    headers: dict[str, str]
    """The keys are in lower case. Shared between responses: not to be changed."""
    body: bytes


@dataclass(frozen=True)
class ContainerStream:
    """An answer whose body still arrives. Its pieces must be read to the end, or the iterator closed."""

    status: int
    headers: dict[str, str]
    pieces: AsyncIterator[bytes]


Outcome = ContainerResponse | Exception
Done = Callable[[Outcome], None]


class ContainerClient:
    """Talks to one container on 127.0.0.1. Belongs to one event loop.

    A request is sent once: on an idle connection that the container has not closed, or on a new one. It is sent a
    second time, on a new connection, only when the container had closed the idle one and so has not read it.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[_Connection] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    def send(self, path: str, headers: dict[str, str], body: bytes, timeout: float, done: Done) -> None:
        """Sends one request. Calls `done` once, with the response or an error, and never before it returns.

        The errors: OSError, EOFError: the container can't be reached, or ended during its answer. TimeoutError: it
        has not answered within `timeout` seconds.
        """
        exchange = _Exchange(_request(self._port, path, headers, body), done)
        loop = self._loop = asyncio.get_running_loop()
        exchange.timer = loop.call_later(timeout, exchange.time_out)
        if self._idle:
            self._idle.pop().begin(exchange)
        else:
            self.connect(exchange)

    async def post(self, path: str, headers: dict[str, str], body: bytes, timeout: float) -> ContainerResponse:
        """As `send`, for coroutines. Raises its errors."""
        waiting: asyncio.Future[ContainerResponse] = asyncio.get_running_loop().create_future()

        def done(outcome: Outcome) -> None:
            if waiting.done():  # the caller was cancelled
                return
            if isinstance(outcome, ContainerResponse):
                waiting.set_result(outcome)
            else:
                waiting.set_exception(outcome)

        self.send(path, headers, body, timeout, done)
        return await waiting

    async def stream(self, path: str, headers: dict[str, str], body: bytes) -> ContainerStream:
        """Sends one request on its own connection; returns when the answer begins.

        Raises:
            OSError, EOFError: the container can't be reached, or ended before it answered.
        """
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            writer.write(_request(self._port, path, headers, body))
            await writer.drain()
            status, answered = _parsed(await _head(reader))
        except BaseException:
            writer.close()
            raise
        return ContainerStream(status, answered, _closing(_pieces(reader, answered), writer))

    def settle(self, timeout: float) -> None:
        """Returns when the event loop has completed the step that it is in, or after `timeout` seconds.

        For another thread, which has just taken the container out of service: a request that had already chosen it
        is counted afterwards.
        """
        settled = threading.Event()
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(settled.set)
            settled.wait(timeout)

    def close(self) -> None:
        """Closes idle connections; may be called from any thread."""
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.close_idle)

    def connect(self, exchange: _Exchange) -> None:
        """Sends the request of an exchange on a new connection."""
        task = asyncio.ensure_future(self._connect(exchange))
        _connecting.add(task)
        task.add_done_callback(_connecting.discard)

    async def _connect(self, exchange: _Exchange) -> None:
        loop = asyncio.get_running_loop()
        try:
            _, connection = await loop.create_connection(lambda: _Connection(self), "127.0.0.1", self._port)
        except OSError as error:
            exchange.end(error)
            return
        if exchange.done is None:  # it took too long
            connection.transport.close()
        else:
            connection.begin(exchange)

    def keep(self, connection: _Connection) -> None:
        """Takes back a connection whose exchange has ended."""
        if len(self._idle) < _MOST_IDLE:
            self._idle.append(connection)
        else:
            connection.transport.close()

    def forget(self, connection: _Connection) -> None:
        """Takes a closed connection out of the idle ones."""
        if connection in self._idle:
            self._idle.remove(connection)

    def close_idle(self) -> None:
        for connection in self._idle:
            connection.transport.close()
        self._idle.clear()


_connecting: set[asyncio.Future[None]] = set()


class _Exchange:
    """One request, and who waits for its answer."""

    __slots__ = ("connection", "done", "request", "timer")

    def __init__(self, request: bytes, done: Done) -> None:
        self.request = request
        self.done: Done | None = done
        self.connection: _Connection | None = None
        self.timer: asyncio.TimerHandle | None = None

    def end(self, outcome: Outcome) -> None:
        """Hands over the outcome, unless the exchange has ended before."""
        done, self.done, self.connection = self.done, None, None
        if self.timer:
            self.timer.cancel()
        if done:
            done(outcome)

    def time_out(self) -> None:
        if self.connection:
            self.connection.abandon()
        self.end(TimeoutError())


class _Connection(asyncio.Protocol):
    """One connection to the container, with at most one exchange at a time."""

    __slots__ = ("_client", "_exchange", "_head", "_received", "_used", "transport")

    transport: asyncio.Transport

    def __init__(self, client: ContainerClient) -> None:
        self._client = client
        self._exchange: _Exchange | None = None
        self._received = bytearray()
        self._head: tuple[int, dict[str, str], int] | None = None
        """Status, headers, and where the body begins in `_received`."""
        self._used = False

    def begin(self, exchange: _Exchange) -> None:
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
            self._client.forget(self)
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
            end = received.find(_HEAD_END, 0, _LONGEST_HEAD)
            if end < 0:
                if len(received) >= _LONGEST_HEAD:
                    raise ValueError
                return None
            self._head = (*_parsed(bytes(received[:end])), end + len(_HEAD_END))
        status, headers, start = self._head
        body = _dechunked(received, start) if _is_chunked(headers) else _whole(received, start, headers)
        return None if body is None else ContainerResponse(status, headers, body)

    def _end(self, exchange: _Exchange, response: ContainerResponse) -> None:
        self._exchange, self._head, self._used = None, None, True
        if self._received:
            self._received = bytearray()
        if response.headers.get("connection", "").lower() == "close":
            self.transport.close()
        else:
            self._client.keep(self)
        exchange.end(response)

    def eof_received(self) -> None:
        """The container has closed: before it could read the request, or during its answer."""
        self._client.forget(self)
        if self._exchange and not self._received and _was_refused(self.transport):
            self._lost(read=False, error=None)

    def connection_lost(self, error: Exception | None) -> None:
        self._client.forget(self)
        self._lost(read=bool(self._received) or not isinstance(error, ConnectionResetError), error=error)

    def _lost(self, *, read: bool, error: Exception | None) -> None:
        exchange, self._exchange = self._exchange, None
        if exchange is None:
            return
        if not read and self._used:
            exchange.connection = None
            self._client.connect(exchange)
            return
        self._client.close_idle()  # the container may have ended, and its other connections end a moment later
        exchange.end(error if isinstance(error, OSError) else EOFError("it closed the connection"))

    def _break(self, error: Exception) -> None:
        exchange, self._exchange = self._exchange, None
        self.transport.abort()
        if exchange:
            exchange.end(error)


def _was_refused(transport: asyncio.Transport) -> bool:
    """Whether the kernel has refused what was sent, since the other side had closed. It says so once."""
    peer: socket.socket = transport.get_extra_info("socket")
    return peer.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0


def _request(port: int, path: str, headers: dict[str, str], body: bytes) -> bytes:
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    head = f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-length: {len(body)}\r\n{lines}\r\n"
    return head.encode("latin-1") + body


@lru_cache(maxsize=256)
def _parsed(head: bytes) -> tuple[int, dict[str, str]]:
    """Status and headers. Answers within a second often have equal heads."""
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    return int(first.split(" ", 2)[1]), headers


def _is_chunked(headers: dict[str, str]) -> bool:
    return headers.get("transfer-encoding", "").lower() == "chunked"


def _whole(received: bytes | bytearray, start: int, headers: dict[str, str]) -> bytes | None:
    """The body by its Content-Length; None until it is complete. Raises ValueError if more has arrived."""
    missing = start + int(headers.get("content-length", 0)) - len(received)
    if missing < 0:
        raise ValueError
    return None if missing else bytes(received[start:])


def _dechunked(received: bytes | bytearray, start: int) -> bytes | None:
    """The body of a chunked answer; None until its last chunk has arrived. Raises ValueError for bad chunks."""
    if not received.endswith(_HEAD_END):
        return None
    parts: list[bytes] = []
    while (end := received.find(b"\r\n", start)) >= 0:
        size, start = int(received[start:end].split(b";")[0], 16), end + 2
        if size == 0:
            return b"".join(parts)
        parts.append(bytes(received[start : start + size]))
        start += size + 2
    return None


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(_HEAD_END)
    except asyncio.LimitOverrunError:
        raise ConnectionError("its headers have more than 64 KB") from None


async def _pieces(reader: asyncio.StreamReader, headers: dict[str, str]) -> AsyncIterator[bytes]:
    if _is_chunked(headers):
        async for chunk in _chunks(reader):
            yield chunk
        return
    left = int(headers.get("content-length", 0))
    while left:
        piece = await reader.read(min(left, _PIECE))
        if not piece:
            raise asyncio.IncompleteReadError(b"", left)
        left -= len(piece)
        yield piece


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        yield await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readuntil(b"\r\n")


async def _closing(pieces: AsyncIterator[bytes], writer: asyncio.StreamWriter) -> AsyncIterator[bytes]:
    try:
        async for piece in pieces:
            yield piece
    finally:
        writer.close()
