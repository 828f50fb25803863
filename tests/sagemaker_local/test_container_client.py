"""The client for containers: answers in any pieces, connections that are used again, and what is sent twice."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import pytest

from sagemaker_local.container_client import ContainerClient
from sagemaker_local.container_http import ContainerResponse

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
WHOLE = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nX-Own: a\r\n\r\nok"


def asked(container: Handler, times: int = 1, timeout: float = 10.0) -> list[ContainerResponse]:
    """The answers to that number of requests, one after the other, by one client."""

    async def run() -> list[ContainerResponse]:
        server = await asyncio.start_server(container, "127.0.0.1", 0)
        client = ContainerClient(server.sockets[0].getsockname()[1])
        try:
            return [await client.post("/invocations", {"accept": "a/b"}, b"body", timeout) for _ in range(times)]
        finally:
            client.close_idle()
            server.close()

    return asyncio.run(run())


async def read(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    return head + await reader.readexactly(4)


def in_pieces(*pieces: bytes) -> Handler:
    async def container(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(EOFError):
            while await read(reader):
                for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0.01)

    return container


@pytest.mark.parametrize(
    "pieces",
    [
        [WHOLE],
        [WHOLE[:20], WHOLE[20:-1], WHOLE[-1:]],
        [WHOLE[:-2], b"ok"],
        [b"HTTP/1.1 200 OK\r\nx-own: a\r\ntransfer-encoding: chunked\r\n\r\n", b"1\r\no\r\n", b"1;x\r\nk\r\n0\r\n\r\n"],
    ],
)
def test_an_answer_may_arrive_in_any_pieces(pieces: list[bytes]) -> None:
    for answer in asked(in_pieces(*pieces), times=2):
        assert (answer.status, answer.headers["x-own"], answer.body) == (200, "a", b"ok")


@pytest.mark.parametrize("answer", [b"SSH-2.0\r\n\r\n", WHOLE + b"more", b"x" * 70_000])
def test_what_is_not_http_is_an_error(answer: bytes) -> None:
    with pytest.raises(ConnectionError, match="not HTTP"):
        asked(in_pieces(answer))


def test_a_connection_is_used_again() -> None:
    opened = 0

    async def container(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened
        opened += 1
        await in_pieces(WHOLE)(reader, writer)

    asked(container, times=5)
    assert opened == 1


def test_a_request_that_meets_a_closed_connection_is_sent_again_and_read_once() -> None:
    """The container closes each connection after one answer, without a word; the event loop does not know it yet."""
    requests = []

    async def run() -> None:
        async def container(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            requests.append(await read(reader))
            writer.write(WHOLE)
            await writer.drain()
            connections.append(writer)

        connections: list[asyncio.StreamWriter] = []
        server = await asyncio.start_server(container, "127.0.0.1", 0)
        client = ContainerClient(server.sockets[0].getsockname()[1])
        for _ in range(20):
            if connections:
                connections.pop().transport.abort()  # closes the socket at the loop's next step; the client sends first
                await asyncio.sleep(0)
            answer = await client.post("/invocations", {}, b"body", 10.0)
            assert answer.body == b"ok"
        client.close_idle()
        server.close()

    asyncio.run(run())
    assert len(requests) == 20


def test_a_request_that_was_read_is_never_sent_again() -> None:
    requests = []

    async def container(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await read(reader))
        if len(requests) == 1:
            writer.write(WHOLE)
            requests.append(await read(reader))
        writer.close()

    with pytest.raises(EOFError, match="closed the connection"):
        asked(container, times=2)
    assert len(requests) == 2


def test_a_container_that_does_not_answer_in_time_is_a_timeout() -> None:
    async def container(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(-1)

    with pytest.raises(TimeoutError):
        asked(container, timeout=0.1)


def test_without_a_container_the_connection_is_refused() -> None:
    async def run() -> None:
        server = await asyncio.start_server(in_pieces(), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()
        await ContainerClient(port).post("/invocations", {}, b"", 10.0)

    with pytest.raises(ConnectionRefusedError):
        asyncio.run(run())
