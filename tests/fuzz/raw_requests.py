"""Invalid HTTP requests as strategies of bytes: broken framing, odd heads, truncated or pipelined requests."""

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st


@dataclass(frozen=True)
class Raw:
    """The bytes of one connection, in pieces."""

    kind: str
    pieces: tuple[bytes, ...]


Head = list[bytes]
Change = Callable[[Head, bytes], tuple[Head, bytes]]


def _without(name: bytes) -> Change:
    return lambda head, body: ([line for line in head if not line.lower().startswith(name)], body)


def _instead(name: bytes, *lines: bytes) -> Change:
    return lambda head, body: ([*_without(name)(head, body)[0], *lines], body)


def _first(line: bytes) -> Change:
    return lambda head, body: ([line, *head[1:]], body)


def _more(*lines: bytes) -> Change:
    return lambda head, body: ([*head, *lines], body)


LENGTH = b"content-length"
HEADS: dict[str, Change] = {
    "no host": _without(b"host"),
    "two hosts": _more(b"Host: 127.0.0.1"),
    "no length": _without(LENGTH),
    "two lengths": _more(b"Content-Length: 1"),
    "length below zero": _instead(LENGTH, b"Content-Length: -5"),
    "length of letters": _instead(LENGTH, b"Content-Length: five"),
    "length of 400 digits": _instead(LENGTH, b"Content-Length: " + b"9" * 400),
    "length too short": _instead(LENGTH, b"Content-Length: 3"),
    "length too long": _instead(LENGTH, b"Content-Length: 99999"),
    "length with a plus": _instead(LENGTH, b"Content-Length: +10"),
    "chunked without chunks": _instead(LENGTH, b"Transfer-Encoding: chunked"),
    "chunked and a length": _more(b"Transfer-Encoding: chunked"),
    "chunked twice": _instead(LENGTH, b"Transfer-Encoding: chunked, chunked"),
    "another encoding": _instead(LENGTH, b"Transfer-Encoding: gzip"),
    "gzip": _more(b"Content-Encoding: gzip"),
    "expect": _more(b"Expect: 100-continue"),
    "expect more": _more(b"Expect: the-unexpected"),
    "websocket": _more(
        b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Key: eA=="
    ),
    "http2": _more(b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQ"),
    "no colon": _more(b"nocolon"),
    "blank before colon": _more(b"a : b"),
    "folded": _more(b"a: b", b" c"),
    "empty name": _more(b": b"),
    "NUL in a header": _more(b"a: \x00b"),
    "bytes in a header": _more(b"a: \xff\xfe\x80"),
    "carriage return in a header": _more(b"a: b\rc: d"),
    "long header": _more(b"a: " + b"b" * 200_000),
    "many headers": _more(*[b"h%d: v" % number for number in range(2_000)]),
    "odd content type": _instead(b"content-type", b"Content-Type: \xff;;charset=\x01"),
    "two content types": _more(b"Content-Type: text/csv"),
    "no content type": _without(b"content-type"),
    "long content type": _instead(b"content-type", b"Content-Type: application/json;" + b"x" * 5_000),
    "odd accept": _more(b"Accept: \xff\x80;q=q,,,"),
    "no signature": _without(b"authorization"),
    "odd signature": _instead(b"authorization", b"Authorization: Basic \xff"),
    "headers of members": _more(
        b"X-Amzn-SageMaker-Inference-Id: \xff", b"X-Amzn-SageMaker-Target-Model: ../../x.tar.gz"
    ),
    "target variant": _more(b"X-Amzn-SageMaker-Target-Variant: nope"),
    "custom attributes": _more(b"X-Amzn-SageMaker-Custom-Attributes: a" + b"\xe9" * 1025),
}
METHODS = [
    b"GET",
    b"PUT",
    b"DELETE",
    b"HEAD",
    b"OPTIONS",
    b"TRACE",
    b"CONNECT",
    b"PATCH",
    b"post",
    b"P\x00ST",
    b"",
    b"PRI",
]
TARGETS = [
    b"/", b"*", b"/endpoints", b"/endpoints/", b"/endpoints/x", b"/endpoints//invocations",
    b"/endpoints/%00/invocations",
    b"/endpoints/../invocations", b"/endpoints/x/nope", b"/endpoints/\xff/invocations", b"/%",
    b"/invocations/", b"/ping/x",
    b"/invocations?a=b", b"//invocations", b"http://example.test/invocations",
    b"/" + b"a" * 100_000, b"/_moto/x", b"",
    b"/a b", b"/endpoints/x/invocations-response-stream", b"/endpoints/x/async-invocations", b"?", b"#", b"\x00",
]  # fmt: skip
VERSIONS = [b"HTTP/1.0", b"HTTP/0.9", b"HTTP/2.0", b"HTTP/9.9", b"HTTP/1", b"http/1.1", b"", b"HTTP/1.1 x", b"\xff"]
CHUNKS = [
    b"5\r\nhello\r\n0\r\n\r\n", b"zz\r\nhello\r\n", b"-1\r\n", b"FFFFFFFFFFFFFFFFFFFF\r\n", b"5\r\nhe",
    b"5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n",
    b"5\nhello\n0\n\n", b"0\r\nX: " + b"y" * 100_000 + b"\r\n\r\n", b"5\r\nhelloXX0\r\n\r\n", b"", b"\r\n",
    b"0x5\r\nhello\r\n0\r\n\r\n",
]  # fmt: skip
NONSENSE = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"\x00" * 500, b"\r\n" * 500, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"x",
    b"GET", b"POST / HTTP/1.1\r\n", b"POST / HTTP/1.1\r\nHost: ",
    b"\xff" * 70_000, b"\n\n\nPOST / HTTP/1.1\r\n\r\n", b"",
]  # fmt: skip


@st.composite
def raw_requests(draw: st.DrawFn, head: Head, body: bytes) -> Raw:
    """Ways to spoil the good request of `head` (its lines) and `body`."""
    kind = draw(st.sampled_from(["head", "line", "chunks", "cut off", "pipelined", "nonsense", "bytes", "line ends"]))
    sound = _encoded(head, body)
    if kind == "head":
        name = draw(st.sampled_from(sorted(HEADS)))
        return Raw(f"head: {name}", _pieces(draw, _encoded(*HEADS[name](head, body))))
    if kind == "line":
        method, target, version = head[0].split(b" ")
        part = draw(st.sampled_from(["method", "target", "version"]))
        method = draw(st.sampled_from(METHODS)) if part == "method" else method
        target = draw(st.sampled_from(TARGETS)) if part == "target" else target
        version = draw(st.sampled_from(VERSIONS)) if part == "version" else version
        return Raw(
            f"request line: {part}", _pieces(draw, _encoded([b" ".join([method, target, version]), *head[1:]], body))
        )
    if kind == "chunks":
        chunked = [*_without(LENGTH)(head, body)[0], b"Transfer-Encoding: chunked"]
        return Raw("chunks", _pieces(draw, _encoded(chunked, draw(st.sampled_from(CHUNKS)))))
    if kind == "cut off":
        return Raw("cut off", _pieces(draw, sound[: draw(st.integers(0, len(sound) - 1))]))
    if kind == "pipelined":
        after = draw(st.sampled_from([sound, sound * 5, *NONSENSE]))
        return Raw("pipelined", _pieces(draw, sound + after))
    if kind == "line ends":
        end = draw(st.sampled_from([b"\n", b"\r", b"\n\r", b"\r\r\n", b"\x0b"]))
        return Raw("line ends", _pieces(draw, _encoded(head, body, end)))
    if kind == "bytes":
        at = draw(st.integers(0, len(sound) - 1))
        return Raw("bytes", _pieces(draw, sound[:at] + draw(st.binary(min_size=1, max_size=3)) + sound[at + 1 :]))
    return Raw("nonsense", _pieces(draw, draw(st.one_of(st.sampled_from(NONSENSE), st.binary(max_size=300)))))


def _encoded(head: Head, body: bytes, end: bytes = b"\r\n") -> bytes:
    return end.join([*head, b"", b""]) + body


def _pieces(draw: st.DrawFn, content: bytes) -> tuple[bytes, ...]:
    """The whole at once, or in a few pieces that are cut anywhere."""
    cuts = sorted(draw(st.lists(st.integers(0, len(content)), max_size=4)))
    return tuple(content[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(content)], strict=True))
