"""A keep-alive HTTP client for the containers of endpoints. It is small because every invocation uses it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

_MOST_IDLE = 64
_PIECE = 1 << 16


@dataclass(frozen=True)
class ContainerResponse:
    status: int
    headers: dict[str, str]
    """The keys are in lower case."""
    body: bytes


@dataclass(frozen=True)
class ContainerStream:
    """An answer whose body still arrives. Its pieces must be read to the end, or the iterator closed."""

    status: int
    headers: dict[str, str]
    pieces: AsyncIterator[bytes]


class ContainerClient:
    """Talks to one container on 127.0.0.1. Belongs to one event loop."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    async def post(self, path: str, headers: dict[str, str], body: bytes) -> ContainerResponse:
        """Sends one request once: on an idle connection that the container has not closed, or on a new one.

        Raises:
            OSError, EOFError: the container can't be reached, or ended during its answer.
        """
        self._loop = asyncio.get_running_loop()
        request = self._request(path, headers, body)
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof() and reader.exception() is None:
                return await self._exchange(reader, writer, request)
            writer.close()
        return await self._exchange(*await asyncio.open_connection("127.0.0.1", self._port), request)

    async def stream(self, path: str, headers: dict[str, str], body: bytes) -> ContainerStream:
        """Sends one request on its own connection; returns when the answer begins.

        Raises:
            OSError, EOFError: the container can't be reached, or ended before it answered.
        """
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            writer.write(self._request(path, headers, body))
            await writer.drain()
            status, answered = _parsed(await _head(reader))
        except BaseException:
            writer.close()
            raise
        return ContainerStream(status, answered, _closing(_pieces(reader, answered), writer))

    def close(self) -> None:
        """Closes idle connections; may be called from any thread."""
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._close_idle)

    def _request(self, path: str, headers: dict[str, str], body: bytes) -> bytes:
        lines = [f"POST {path} HTTP/1.1", f"host: 127.0.0.1:{self._port}", f"content-length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + body

    def _close_idle(self) -> None:
        for _, writer in self._idle:
            writer.close()
        self._idle.clear()

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
    ) -> ContainerResponse:
        reusable = False
        try:
            writer.write(request)
            await writer.drain()
            status, headers = _parsed(await _head(reader))
            body = await _body(reader, headers)
            reusable = headers.get("connection", "").lower() != "close" and len(self._idle) < _MOST_IDLE
            return ContainerResponse(status, headers, body)
        except (OSError, EOFError):  # the container may have ended, and its other connections end a moment later
            self._close_idle()
            raise
        finally:
            if reusable:
                self._idle.append((reader, writer))
            else:
                writer.close()


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        raise ConnectionError("its headers have more than 64 KB") from None


def _parsed(head: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    return int(first.split(" ", 2)[1]), headers


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() != "chunked":
        return await reader.readexactly(int(headers.get("content-length", 0)))
    return b"".join([piece async for piece in _chunks(reader)])


async def _pieces(reader: asyncio.StreamReader, headers: dict[str, str]) -> AsyncIterator[bytes]:
    if headers.get("transfer-encoding", "").lower() == "chunked":
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
