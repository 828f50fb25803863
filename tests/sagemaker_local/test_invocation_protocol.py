"""InvokeEndpoint beside ASGI: the same checks and answers, whatever way the bytes of a request arrive."""

import re
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.patience import PATIENCE
from tests.sagemaker_local.support import SIGNED, Bench

BODY = b'{"instances": []}'


@pytest.fixture
def connection(bench: Bench) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port(bench)), timeout=PATIENCE) as opened:
        yield opened


def port(bench: Bench) -> int:
    return urlsplit(bench.url).port or 0


def request(bench: Bench, endpoint: str = "missing", /, **changes: str | None) -> bytes:
    """An InvokeEndpoint; a header of `changes` that is None is left out."""
    headers = {
        "host": f"127.0.0.1:{port(bench)}",
        "authorization": SIGNED,
        "content-type": "application/json",
        "content-length": str(len(BODY)),
        **{name.replace("_", "-"): value for name, value in changes.items()},
    }
    lines = [f"{name}: {value}\r\n" for name, value in headers.items() if value is not None]
    return f"POST /endpoints/{endpoint}/invocations HTTP/1.1\r\n{''.join(lines)}\r\n".encode() + BODY


def answers(connection: socket.socket, count: int = 1) -> list[tuple[int, str]]:
    """Status and body of that many answers."""
    received, found = b"", list[tuple[int, str]]()
    while len(found) < count:
        piece = connection.recv(1 << 16)
        assert piece, f"the connection ended after {found} and {received!r}"
        received += piece
        while whole := re.match(rb"HTTP/1.1 (\d+) .*?content-length: (\d+)\r\n.*?\r\n\r\n", received, re.S):
            end = whole.end() + int(whole[2])
            if len(received) < end:
                break
            found.append((int(whole[1]), received[whole.end() : end].decode()))
            received = received[end:]
    return found


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({}, 400, "Endpoint missing of account 000000000000 not found."),
        ({"authorization": None}, 403, "Missing Authentication Token"),
        ({"authorization": "Basic x"}, 403, "Missing Authentication Token"),
        ({"host": "example.com"}, 403, "this server answers only to the Host"),
        ({"origin": "http://example.com"}, 403, "this server answers only its own pages"),
        ({"sec-fetch-site": "cross-site"}, 403, "no request from another site's page"),
        ({"x_amzn_sagemaker_inference_id": "x" * 65}, 400, "length less than or equal to 64"),
        ({"x_amzn_sagemaker_session_id": "NEW_SESSION"}, 501, "with SessionId is not implemented"),
    ],
)
def test_a_request_is_checked_before_it_is_sent_on(
    bench: Bench, connection: socket.socket, changes: dict[str, str | None], status: int, words: str
) -> None:
    connection.sendall(request(bench, **changes))
    [(found, body)] = answers(connection)
    assert found == status
    assert words in body


def test_a_request_in_pieces_or_with_expect_gets_the_same_answer(bench: Bench, connection: socket.socket) -> None:
    whole = request(bench)
    for cut in (30, len(whole) - 5):
        connection.sendall(whole[:cut])
        with socket.create_connection(
            connection.getpeername()
        ) as other:  # the server has read the piece before it answers
            other.sendall(whole)
            answers(other)
        connection.sendall(whole[cut:])
        assert "Endpoint missing" in answers(connection)[0][1]
    connection.sendall(request(bench, expect="100-continue"))
    assert "Endpoint missing" in answers(connection)[0][1]


def test_requests_in_one_piece_are_answered_in_their_order(bench: Bench, connection: socket.socket) -> None:
    names = [f"missing-{number}" for number in range(5)]
    connection.sendall(b"".join(request(bench, name, origin=None) for name in names))
    found = answers(connection, len(names))
    assert [re.search(r"Endpoint (\S+) of", body)[1] for _, body in found] == names  # type: ignore[index]


def test_a_client_may_ask_for_the_end_of_the_connection(bench: Bench, connection: socket.socket) -> None:
    connection.sendall(request(bench, connection="close"))
    answers(connection)
    assert connection.recv(1) == b""
