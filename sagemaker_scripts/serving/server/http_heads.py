"""Reads the head of an HTTP/1.1 request: its first line and its headers, up to the empty line."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from serving.server import loopback

INVOCATIONS = "/invocations"
LARGEST_HEAD = 16 << 10
"""Bytes."""
_SCHEMES = (b"http://", b"https://")
_REMEMBERED = 256
_VERSIONS = ("1.0", "1.1")


class BadHead(Exception):
    """A head that HTTP does not allow, or that this server refuses: the status and the reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


@dataclass(frozen=True, slots=True)
class Head:
    """What the server needs of a request's head."""

    method: str
    path: str
    length: int | None
    """Bytes of the body; None where it comes in chunks."""
    types: bytes
    """The Content-Type, followed by the Accept."""
    content_type: int
    """Bytes of the Content-Type in `types`."""
    expects_continue: bool
    keep_alive: bool
    old: bool
    """HTTP/1.0: the response names keep-alive where it applies."""


@lru_cache(_REMEMBERED)
def read_head(head: bytes, loopback_port: int | None) -> Head:
    """Read a head, with its empty line. Raises BadHead.

    A client repeats its head from request to request, so heads that were read before are remembered.
    `loopback_port` is the port of a server on the loopback interface, which refuses what a web page may have sent.
    """
    found = _parsed(head)
    version = found.parser.get_http_version()
    if version not in _VERSIONS:
        raise BadHead(400, "This server accepts HTTP/1.0 and HTTP/1.1.")
    if found.count(b"host") > 1 or (version == "1.1" and not found.count(b"host")):
        raise BadHead(400, "Expected exactly one Host header.")
    host, path = _split(found.url)
    if loopback_port is not None and (reason := loopback.refusal(_with_host(found.headers, host), loopback_port)):
        raise BadHead(403, reason)
    content_type, accept = found.all(b"content-type"), found.all(b"accept")
    return Head(
        method=found.parser.get_method().decode(),
        path=path.decode("latin-1"),
        length=_length(found, version),
        types=content_type + accept,
        content_type=len(content_type),
        expects_continue=version == "1.1" and found.all(b"expect").lower() == b"100-continue",
        keep_alive=found.keep_alive,
        old=version == "1.0",
    )


class _Found:
    """Takes what httptools finds in a head."""

    def __init__(self) -> None:
        self.url, self.headers, self.complete = b"", list[tuple[bytes, bytes]](), False
        self.keep_alive = False
        self.parser = HttpRequestParser(self)

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self.complete = True
        self.keep_alive = self.parser.should_keep_alive()  # the parser forgets it at the end of the message

    def count(self, name: bytes) -> int:
        return sum(each == name for each, _ in self.headers)

    def all(self, name: bytes) -> bytes:
        """Return the values of a header, joined as RFC 9110, section 5.3, allows."""
        return b", ".join(value.strip() for each, value in self.headers if each == name)


def _parsed(head: bytes) -> _Found:
    found = _Found()
    try:
        found.parser.feed_data(head)
    except HttpParserUpgrade:
        pass  # the server has no other protocol, and may ignore the request for one
    except HttpParserError as error:
        raise BadHead(400, f"This is not a request of HTTP/1.1: {error}") from None
    if not found.complete:
        raise BadHead(400, "This is not a request of HTTP/1.1.")
    return found


def _split(target: bytes) -> tuple[bytes | None, bytes]:
    """Return the host and the path of a request target. Only the absolute form has a host (RFC 9112, section 3.2.2)."""
    if not target.lower().startswith(_SCHEMES):
        return None, target.split(b"?", 1)[0]
    authority, slash, rest = target.split(b"?", 1)[0].split(b"://", 1)[1].partition(b"/")
    return authority, slash + rest or b"/"


def _with_host(headers: Sequence[tuple[bytes, bytes]], host: bytes | None) -> Sequence[tuple[bytes, bytes]]:
    """Return the headers. A host of the request target replaces that of the header, as the same section requires."""
    if host is None:
        return headers
    return [(b"host", host), *((name, value) for name, value in headers if name != b"host")]


def _length(found: _Found, version: str) -> int | None:
    if found.count(b"transfer-encoding"):
        if version == "1.0" or found.all(b"transfer-encoding").lower() != b"chunked":
            raise BadHead(400, "Transfer-Encoding: expected chunked, and nothing else, with HTTP/1.1.")
        return None
    return int(found.all(b"content-length") or 0)
