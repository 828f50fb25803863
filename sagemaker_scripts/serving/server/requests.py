"""A request from its arrival to its answer, as the front holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serving.server.http_heads import Head


class Client(Protocol):
    """What receives the answer."""

    def respond(self, response: bytes) -> None:
        """Take the whole response."""


@dataclass(slots=True, eq=False)
class Request:
    """A request that waits for a worker, or that a worker answers."""

    client: Client
    head: Head
    pieces: Sequence[bytes | bytearray]
    """The body."""
    size: int
    """Its bytes."""
    received: float
    """When its last byte came, by the monotonic clock."""
    tries: int = 0
    """Workers that ended while they answered it."""
    wanted: bool = True
    """False once the client has left."""
