"""An answer of a container whose pieces are passed on as they arrive."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from sagemaker_local.container_http import HEAD_END, is_chunked, parsed_head, post_request

_PIECE = 1 << 16


@dataclass(frozen=True)
class ContainerStream:
    """An answer whose body still arrives. Its pieces must be read to the end, or the iterator closed."""

    status: int
    headers: dict[str, str]
    pieces: AsyncIterator[bytes]


async def open_stream(port: int, path: str, headers: dict[str, str], body: bytes) -> ContainerStream:
    """Sends one request on its own connection; returns when the answer begins.

    Raises:
        OSError, EOFError: the container can't be reached, or ended before it answered.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(post_request(port, path, headers, body))
        await writer.drain()
        status, answered = parsed_head(await _head(reader))
    except BaseException:
        writer.close()
        raise
    return ContainerStream(status, answered, _closing(_pieces(reader, answered), writer))


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(HEAD_END)
    except asyncio.LimitOverrunError:
        raise ConnectionError("its headers have more than 64 KB") from None


async def _pieces(reader: asyncio.StreamReader, headers: dict[str, str]) -> AsyncIterator[bytes]:
    if is_chunked(headers):
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
