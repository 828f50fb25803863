"""Overload, and clients that are too slow."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.patience import until
from tests.serving.server.running_server import RunningServer, running_server

QUEUE, QUEUE_BYTES = 3, 300_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with one worker, a short queue and little patience."""
    limits = {
        "SAGEMAKER_MODEL_SERVER_WORKERS": "1",
        "SAGEMAKER_MODEL_SERVER_QUEUE": str(QUEUE),
        "SCRIPTED_QUEUE_BYTES": str(QUEUE_BYTES),
        "SCRIPTED_HEAD_TIME": "0.4",
    }
    with running_server(tmp_path_factory.mktemp("limits"), **limits) as running:
        yield running


def test_a_full_queue_is_answered_429_and_the_others_are_answered(server: RunningServer) -> None:
    with ExitStack() as stack:
        busy = stack.enter_context(server.client())
        busy.send(busy.request(b"sleep 0.5"))
        until(lambda: server.metric("model_server_in_progress"), lambda count: count == 1)
        clients = [stack.enter_context(server.client()) for _ in range(QUEUE)]
        for client in clients:
            client.send(client.request(b"waits"))
        until(lambda: server.metric("model_server_queue_length"), lambda count: count == QUEUE)
        with server.client() as refused:
            answer = refused.invoke(b"one too many")
            assert (answer.status, answer.headers["retry-after"]) == (429, "1")
            assert [client.read().body for client in (busy, *clients)] == [b"sleep 0.5", *[b"waits"] * QUEUE]
            assert refused.invoke(b"later").body == b"later"
    assert server.metric('model_server_requests_total{status="429"}') == 1


@pytest.mark.parametrize("missing", [0, 1])
def test_bodies_that_need_too_much_memory_together_are_answered_429(server: RunningServer, missing: int) -> None:
    with server.client() as first, server.client() as second:
        half = first.request(b"count " + b"x" * (QUEUE_BYTES - 50_000))
        first.send(half[:-1])
        until(lambda: server.metric("model_server_held_bytes"), lambda size: size > QUEUE_BYTES / 2)
        whole = second.request(b"x" * 100_000)
        second.send(whole[: len(whole) - missing])
        assert second.read().status == 429
        first.send(half[-1:])
        assert first.read().body == str(QUEUE_BYTES - 49_994).encode()
    until(lambda: server.metric("model_server_held_bytes"), lambda size: size == 0)


def test_a_head_that_never_ends_is_answered_408(server: RunningServer) -> None:
    with server.client() as client:
        client.send(b"POST /invocations HTTP/1.1\r\nX: ")
        assert client.read().status == 408
        assert client.at_end()


def test_a_body_that_never_ends_is_answered_408_and_its_memory_is_free(server: RunningServer) -> None:
    with server.client() as client:
        client.send(client.request(b"body")[:-1])
        assert client.read().status == 408
        assert client.at_end()
    assert server.metric("model_server_held_bytes") == 0


def test_a_client_that_leaves_in_the_middle_of_a_body_frees_its_memory(server: RunningServer) -> None:
    with server.client() as client:
        client.send(client.request(b"x" * 100_000)[:-1])
        until(lambda: server.metric("model_server_held_bytes"), lambda size: size == 99_999)
    until(lambda: server.metric("model_server_held_bytes"), lambda size: size == 0)
