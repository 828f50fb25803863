"""The HTTP/1.1 that endpoints speak with their containers: requests as bytes, answers from bytes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

HEAD_END = b"\r\n\r\n"
LONGEST_HEAD = 1 << 16
"""Bytes of an answer's status line and headers."""


@dataclass(frozen=True, slots=True)
class ContainerResponse:
    status: int
    headers: dict[str, str]
    """The keys are in lower case. Shared between responses: not to be changed."""
    body: bytes


def post_request(port: int, path: str, headers: dict[str, str], body: bytes) -> bytes:
    """The bytes of a POST to a container."""
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    head = f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-length: {len(body)}\r\n{lines}\r\n"
    return head.encode("latin-1") + body


@lru_cache(maxsize=256)
def parsed_head(head: bytes) -> tuple[int, dict[str, str]]:
    """Status and headers. Answers within a second often have equal heads.

    Raises:
        ValueError, IndexError: it is not HTTP.
    """
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    return int(first.split(" ", 2)[1]), headers


def is_chunked(headers: dict[str, str]) -> bool:
    """Whether the length of the answer's body is known only at its end."""
    return headers.get("transfer-encoding", "").lower() == "chunked"


def whole_body(received: bytes | bytearray, start: int, headers: dict[str, str]) -> bytes | None:
    """The body by its Content-Length; None until it is complete. Raises ValueError if more has arrived."""
    missing = start + int(headers.get("content-length", 0)) - len(received)
    if missing < 0:
        raise ValueError
    return None if missing else bytes(received[start:])


def chunked_body(received: bytes | bytearray, start: int) -> bytes | None:
    """The body of a chunked answer; None until its last chunk has arrived. Raises ValueError for bad chunks."""
    if not received.endswith(HEAD_END):
        return None
    parts: list[bytes] = []
    while (end := received.find(b"\r\n", start)) >= 0:
        size, start = int(received[start:end].split(b";")[0], 16), end + 2
        if size == 0:
            return b"".join(parts)
        parts.append(bytes(received[start : start + size]))
        start += size + 2
    return None
