"""HTTP/1.1 by the front."""

import socket

import pytest

from tests.serving.server.running_server import RunningServer

MEGABYTE = 1 << 20


def test_a_connection_answers_one_request_after_the_other(server: RunningServer) -> None:
    with server.client() as client:
        answers = [client.invoke(f"n {number}".encode()) for number in range(3)]
    assert [(answer.status, answer.body) for answer in answers] == [(200, b"n 0"), (200, b"n 1"), (200, b"n 2")]
    assert {"date", "content-type", "content-length"} <= answers[0].headers.keys()


def test_pipelined_requests_are_answered_in_order(server: RunningServer) -> None:
    bodies = [b"sleep 0.05", *(f"n {number}".encode() for number in range(50))]
    with server.client() as client:
        client.send(b"".join(client.request(body) for body in bodies))
        assert [client.read().body for _ in bodies] == bodies


def test_thousands_of_pipelined_pings_are_answered(server: RunningServer) -> None:
    with server.client() as client:
        client.send(client.request(line="GET /ping HTTP/1.1") * 3000)
        assert {client.read().status for _ in range(3000)} == {200}


def test_a_request_may_come_byte_by_byte(server: RunningServer) -> None:
    with server.client() as client:
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in client.request(b"slow", "Content-Type: text/csv"):
            client.send(bytes([byte]))
        assert client.read().body == b"slow"


def test_a_body_may_come_in_chunks(server: RunningServer) -> None:
    with server.client() as client:
        head = f"POST /invocations HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nTransfer-Encoding: chunked\r\n\r\n"
        client.send(head.encode() + b"3\r\nabc\r\n2;a=b\r\nde\r\n0\r\nTrailer: x\r\n\r\n" + client.request(b"next"))
        assert [client.read().body, client.read().body] == [b"abcde", b"next"]


def test_a_body_of_many_tiny_chunks_is_read(server: RunningServer) -> None:
    with server.client() as client:
        head = f"POST /invocations HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nTransfer-Encoding: chunked\r\n\r\n"
        client.send(head.encode() + b"6\r\ncount \r\n" + b"1\r\nx\r\n" * 100_000 + b"0\r\n\r\n")
        assert client.read().body == b"100006"


def test_the_model_gets_the_content_type_and_accept(server: RunningServer) -> None:
    answer = server.invoke(b"types", "Content-Type: text/csv", "Accept: application/json", "Accept: text/csv")
    assert answer.body == b"text/csv|application/json, text/csv"


def test_a_large_body_arrives_whole(server: RunningServer) -> None:
    body = b"count " + b"x" * (MEGABYTE - 6)
    assert server.invoke(body).body == str(MEGABYTE).encode()


def test_a_large_answer_arrives_whole(server: RunningServer) -> None:
    body = bytes(range(1, 256)) * 4000
    assert server.invoke(body).body == body


def test_a_larger_body_is_refused_before_it_is_sent(server: RunningServer) -> None:
    with server.client() as client:
        head = f"POST /invocations HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Length: {MEGABYTE + 1}\r\n\r\n"
        client.send(head.encode())
        answer = client.read()
        assert (answer.status, answer.headers["connection"]) == (413, "close")
        assert b"at most 1048576 bytes" in answer.body
        assert client.at_end()


def test_a_larger_body_in_chunks_is_refused_once_it_is_too_large(server: RunningServer) -> None:
    with server.client() as client:
        head = f"POST /invocations HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nTransfer-Encoding: chunked\r\n\r\n"
        client.send(head.encode() + b"%x\r\n" % (9 * MEGABYTE))
        client.send(b"x" * (9 * MEGABYTE))  # what the server does not want is discarded, so that the answer can be read
        assert client.read().status == 413


def test_a_client_that_expects_it_is_told_to_continue(server: RunningServer) -> None:
    with server.client() as client:
        whole = client.request(b"body", "Expect: 100-continue")
        client.send(whole[:-4])
        assert client.read().status == 100
        client.send(whole[-4:])
        assert client.read().body == b"body"


def test_a_client_that_expects_to_continue_is_refused_a_larger_body(server: RunningServer) -> None:
    with server.client() as client:
        head = client.request(b"", "Expect: 100-continue").replace(b"Length: 0", b"Length: 9999999")
        client.send(head)
        assert client.read().status == 413


def test_a_client_may_end_its_side_before_the_answer(server: RunningServer) -> None:
    with server.client() as client:
        client.send(client.request(b"sleep 0.05") + client.request(b"last"))
        client.socket.shutdown(socket.SHUT_WR)
        assert [client.read().body, client.read().body] == [b"sleep 0.05", b"last"]
        assert client.at_end()


def test_a_client_that_leaves_does_not_disturb_the_others(server: RunningServer) -> None:
    with server.client() as leaving:
        leaving.send(leaving.request(b"sleep 0.05"))
    assert server.invoke(b"still there").body == b"still there"


def test_http_1_0_closes_unless_it_asks_to_keep_the_connection(server: RunningServer) -> None:
    with server.client() as client:
        client.send(client.request(b"a", "Connection: keep-alive", line="POST /invocations HTTP/1.0"))
        assert client.read().headers["connection"] == "keep-alive"
        client.send(client.request(b"b", line="POST /invocations HTTP/1.0"))
        assert client.read().headers["connection"] == "close"
        assert client.at_end()


def test_connection_close_is_obeyed(server: RunningServer) -> None:
    with server.client() as client:
        assert client.invoke(b"a", "Connection: close").headers["connection"] == "close"
        assert client.at_end()


def test_connection_close_is_obeyed_without_a_body(server: RunningServer) -> None:
    with server.client() as client:
        client.send(client.request(b"", "Connection: close", line="GET /ping HTTP/1.1"))
        assert client.read().headers["connection"] == "close"
        assert client.at_end()


def test_head_has_the_headers_of_get_and_no_body(server: RunningServer) -> None:
    with server.client() as client:
        client.send(client.request(line="HEAD /openapi.json HTTP/1.1"))
        answer = client.read(head_only=True)
        assert (answer.status, answer.headers["content-length"]) == (200, "20")
        assert client.get("/openapi.json").body == b'{"openapi": "3.1.0"}'


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("GET /ping HTTP/1.1", 200),
        ("GET /ping?x=1 HTTP/1.1", 200),
        ("GET / HTTP/1.1", 404),
        ("GET /invocations HTTP/1.1", 405),
        ("DELETE /ping HTTP/1.1", 405),
        ("CONNECT 127.0.0.1:80 HTTP/1.1", 404),
        ("POST /models HTTP/1.1", 404),
    ],
)
def test_other_paths_and_methods(server: RunningServer, line: str, status: int) -> None:
    with server.client() as client:
        client.send(client.request(line=line))
        assert client.read().status == status


@pytest.mark.parametrize(
    "head",
    [
        b"nonsense\r\n\r\n",
        b"\r\n\r\n",
        b"GET /ping HTTP/1.1\r\n\r\n",
        b"GET /ping HTTP/2.0\r\nHost: x\r\n\r\n",
        b"GET /ping HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
        b"GET /ping HTTP/1.1\nHost: x\n\r\n\r\n",
        b"GET /ping HTTP/1.1\r\nHost : x\r\n\r\n",
        b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
        b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST /invocations HTTP/1.1\r\nHost: HERE\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        b"POST /invocations HTTP/1.1\r\nHost: HERE\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"POST /invocations HTTP/1.1\r\nHost: HERE\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
    ],
)
def test_bad_http_is_answered_400_and_closed(server: RunningServer, head: bytes) -> None:
    with server.client() as client:
        client.send(head.replace(b"HERE", f"127.0.0.1:{server.port}".encode()))
        answer = client.read()
        assert (answer.status, answer.headers["connection"]) == (400, "close")
        assert client.at_end()


def test_a_huge_head_is_refused(server: RunningServer) -> None:
    with server.client() as client:
        client.send(client.request(b"", f"X: {'x' * 20_000}"))
        assert client.read().status == 431


def test_a_page_of_another_site_is_refused(server: RunningServer) -> None:
    with server.client() as client:
        assert client.invoke(b"x", "Origin: http://example.org").status == 403
    with server.client() as client:
        client.send(client.request(b"x").replace(b"Host: 127.0.0.1", b"Host: example.org"))
        assert client.read().status == 403
