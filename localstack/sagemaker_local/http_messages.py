"""Bodies and answers over ASGI: bodies with limits of size and time, answers whole or in pieces."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sagemaker_local.errors import RequestTimeout, RequestTooLarge

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = dict[str, str]

LARGEST_BODY = 16 << 20
"""Bytes; above every limit of the APIs."""
_SLOWEST_BODY = 60.0  # seconds that a request may take, as on AWS


class ClientGone(Exception):
    """The client closed the connection before its request was complete: the request has no effect."""


@dataclass(frozen=True)
class Body:
    """A request's body. Of one over LARGEST_BODY only the size is known."""

    size: int
    content: bytes

    def require(self) -> bytes:
        """The content. Raises RequestTooLarge for a body over LARGEST_BODY."""
        if self.size > LARGEST_BODY:
            raise RequestTooLarge(f"The request body has {self.size} bytes; at most {LARGEST_BODY} are accepted.")
        return self.content


async def read_body(receive: Receive) -> Body:
    """Reads the whole body, however large it is, and keeps at most LARGEST_BODY bytes of it.

    Raises:
        ClientGone: the connection ended first.
        RequestTimeout: the body took too long to arrive.
    """
    try:
        async with asyncio.timeout(_SLOWEST_BODY):
            return await _read(receive)
    except TimeoutError:
        raise RequestTimeout(f"The request body was not complete within {_SLOWEST_BODY:.0f} seconds.") from None


async def _read(receive: Receive) -> Body:
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        part, more = message.get("body", b""), message.get("more_body", False)
        size += len(part)
        if size <= LARGEST_BODY:
            parts.append(part)
        else:
            parts.clear()
    return Body(size, b"".join(parts))


async def send_whole(send: Send, status: int, headers: Headers, body: bytes) -> None:
    """Sends one answer."""
    await _start(send, status, {**headers, "content-length": str(len(body))})
    await send({"type": "http.response.body", "body": body})


async def send_in_pieces(send: Send, status: int, headers: Headers, pieces: AsyncIterator[bytes]) -> None:
    """Sends one answer as its pieces arrive."""
    await _start(send, status, headers)
    async for piece in pieces:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _start(send: Send, status: int, headers: Headers) -> None:
    every = {**headers, "x-amzn-RequestId": str(uuid4())}
    pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in every.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
