"""Bytes of all kinds, sent to a running server and to its parsers."""

import contextlib
import socket

from hypothesis import given, settings
from hypothesis import strategies as st

from serving.server.bodies import BadBody, ChunkedBody, SizedBody
from serving.server.http_heads import BadHead, read_head
from tests.serving.server.running_server import Response, RunningServer

PARTS = (
    *(b"POST /invocations HTTP/1.1", b"GET /ping HTTP/1.1", b"PUT / HTTP/1.0", b"Host: HERE", b"Host: x"),
    *(b"Content-Length: 5", b"Content-Length: 99999999999", b"Content-Length: x", b"Transfer-Encoding: chunked"),
    *(b"Expect: 100-continue", b"Connection: close", b"Connection: upgrade", b"Upgrade: websocket", b" folded"),
    *(b"5", b"0", b"hello", b"\r\n", b"\r\n\r\n", b"\n", b"\r", b"\0", b": ", b"Content-Type: text/csv"),
)
requests = st.lists(st.one_of(st.sampled_from(PARTS), st.binary(max_size=20)), max_size=12)


@settings(max_examples=150, deadline=None)
@given(requests, st.sampled_from([b"\r\n", b""]))
def test_no_bytes_make_a_5xx_a_hang_or_another_next_answer(
    server: RunningServer, parts: list[bytes], by: bytes
) -> None:
    data = by.join(parts).replace(b"HERE", f"127.0.0.1:{server.port}".encode())
    assert [each.status for each in _answers(server, data) if each.status >= 500] == []
    with server.client() as client:
        assert client.invoke(b"as before").body == b"as before"
    assert server.metric("model_server_held_bytes") == 0


def _answers(server: RunningServer, data: bytes) -> list[Response]:
    """Send data, end this side, and return all responses until the server ends its own."""
    answers = list[Response]()
    with server.client() as client, contextlib.suppress(ConnectionError):
        client.send(data)
        client.socket.shutdown(socket.SHUT_WR)
        while True:
            answers.append(client.read())
    return answers


@given(st.lists(st.one_of(st.sampled_from(PARTS), st.binary(max_size=20)), max_size=12))
def test_a_head_is_read_or_refused_with_a_4xx(parts: list[bytes]) -> None:
    try:
        read_head(b"\r\n".join(parts) + b"\r\n\r\n", None)
    except BadHead as bad:
        assert 400 <= bad.status < 500


@given(st.lists(st.binary(min_size=1, max_size=70_000), max_size=5), st.binary(max_size=20), st.data())
def test_a_body_is_the_same_however_it_is_split(chunks: list[bytes], after: bytes, data: st.DataObject) -> None:
    encoded = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    whole = b"".join(chunks)
    for body, sent in ((ChunkedBody(), encoded), (SizedBody(len(whole)), whole)):
        rest, at = None, 0
        while rest is None:
            size = data.draw(st.integers(1, max(1, len(sent))))
            piece = (sent + after)[at : at + size]
            rest, at = body.feed(piece), at + size
        assert b"".join(body.pieces) == whole
        assert rest + (sent + after)[at:] == after
        assert body.size == len(whole)


@given(st.binary(max_size=60))
def test_chunks_that_are_not_well_formed_are_refused_or_wait(data: bytes) -> None:
    body = ChunkedBody()
    with contextlib.suppress(BadBody):
        for byte in data:
            body.feed(bytes([byte]))
    assert body.size <= len(data)
