"""The path and the host of a request's head."""

import pytest

from serving.server.http_heads import BadHead, read_head
from tests.serving.server.running_server import RunningServer

PORT = 8080


def head(target: str, host: str = f"127.0.0.1:{PORT}") -> bytes:
    return f"POST {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/invocations?a=1", "/invocations"),
        (f"http://127.0.0.1:{PORT}/invocations", "/invocations"),
        (f"HTTP://localhost:{PORT}/invocations?a=http://b/c", "/invocations"),
        (f"http://127.0.0.1:{PORT}", "/"),
        (f"http://127.0.0.1:{PORT}?a=/invocations", "/"),
        ("/http://127.0.0.1/invocations", "/http://127.0.0.1/invocations"),
    ],
)
def test_the_path_is_the_same_in_the_origin_form_and_in_the_absolute_form(target: str, path: str) -> None:
    assert read_head(head(target), PORT).path == path


def test_the_host_of_the_absolute_form_replaces_that_of_the_header() -> None:
    assert read_head(head(f"http://127.0.0.1:{PORT}/ping", host="elsewhere.example"), PORT).path == "/ping"
    with pytest.raises(BadHead, match=r"found .*elsewhere\.example") as refused:
        read_head(head("http://elsewhere.example/ping"), PORT)
    assert refused.value.status == 403


def test_a_running_server_answers_the_absolute_form(server: RunningServer) -> None:
    with server.client() as client:
        client.send(head(f"http://127.0.0.1:{server.port}/ping", f"127.0.0.1:{server.port}").replace(b"POST", b"GET"))
        assert client.read().status == 200
