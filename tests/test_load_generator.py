"""The load generator: it counts every answer, and every request without one."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.load_generator import Load, http_request, run_load


class Echo(BaseHTTPRequestHandler):
    """Answers a body with itself, `busy` with 429. Closes after `last`, and before it answers `cut`."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if body == b"cut":
            self.close_connection = True
            return
        self.send_response(429 if body == b"busy" else 200)
        self.send_header("Content-Length", str(len(body)))
        if body == b"last":
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def echo() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def load_of(bodies: list[bytes], connections: int, least: int, answered: Callable[[int, bytes], object]) -> Load:
    with echo() as port:
        requests = [http_request(port, "/invocations", body, {"Content-Type": "text/plain"}) for body in bodies]
        return run_load(port, requests, connections, 0.0, least=least, answered=answered)


def test_answers_are_counted_by_status_and_large_bodies_arrive_whole() -> None:
    large, seen = b"x" * 3_000_000, list[tuple[int, bytes]]()
    load = load_of([large, b"busy", b"last"], 2, 9, lambda status, body: seen.append((status, body)))
    assert load.statuses == {200: 6, 429: 3}
    assert sorted(seen) == sorted([(200, large)] * 3 + [(429, b"busy")] * 3 + [(200, b"last")] * 3)
    assert len(load.latencies) == 9
    assert 0 < load.percentile(0.5) <= load.percentile(0.99) <= load.seconds
    assert load.per_second == pytest.approx(9 / load.seconds)
    assert not load.failures


def test_a_connection_that_closes_without_an_answer_is_a_failure_and_the_load_goes_on() -> None:
    load = load_of([b"cut", b"sound"], 1, 4, lambda status, body: None)
    assert load.statuses == {200: 2}
    assert len(load.failures) == 2
    assert "closed after 0 bytes" in load.failures[0]


def test_a_refused_connection_is_a_failure() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    load = run_load(port, [http_request(port, "/", b"", {})], 2, 0.0)
    assert len(load.failures) == 2
    assert not load.latencies
