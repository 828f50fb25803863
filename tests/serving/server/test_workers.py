"""Workers that end, that hang, and that are killed under load."""

import os
import random
import resource
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.patience import until
from tests.serving.server.running_server import RunningServer, running_server

FILES = 200


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server whose workers the tests kill. A request has one second."""
    with running_server(tmp_path_factory.mktemp("killed"), SAGEMAKER_MODEL_SERVER_TIMEOUT="1") as running:
        yield running


def all_work(server: RunningServer) -> None:
    until(lambda: server.metric("model_server_workers"), lambda count: count == 2)


def test_workers_killed_at_random_under_load_cost_no_answer(server: RunningServer) -> None:
    answers, stop = list[tuple[int, bytes, bytes]](), threading.Event()

    def ask(name: int) -> None:
        with server.client() as client:
            for number in range(400):
                body = f"{name} {number}".encode()
                answer = client.invoke(body)
                answers.append((answer.status, answer.body, body))

    def kill() -> None:
        chance = random.Random(1)  # noqa: S311 - any order
        while not stop.wait(0.02):
            with suppress(ProcessLookupError, IndexError):
                os.kill(chance.choice(server.workers), signal.SIGKILL)

    clients = [threading.Thread(target=ask, args=(name,)) for name in range(4)]
    killer = threading.Thread(target=kill)
    for thread in (*clients, killer):
        thread.start()
    for thread in clients:
        thread.join()
    stop.set()
    killer.join()
    assert len(answers) == 1600
    assert [each for each in answers if each[0] != 200 or each[1] != each[2]] == []
    assert server.metric('model_server_restarts_total{process="worker"}') > 2
    all_work(server)


def test_a_killed_loader_is_replaced_and_its_requests_are_answered(server: RunningServer) -> None:
    all_work(server)
    with server.client() as client:
        client.send(client.request(b"sleep 0.3"))
        until(lambda: server.metric("model_server_in_progress"), lambda count: count == 1)
        os.kill(server.loader, signal.SIGKILL)
        assert client.read().body == b"sleep 0.3"
    assert server.metric('model_server_restarts_total{process="loader"}') == 1
    all_work(server)


def test_a_request_that_ends_two_workers_is_answered_503(server: RunningServer) -> None:
    all_work(server)
    with server.client() as client:
        answer = client.invoke(b"end")
        assert answer.status == 503
        assert b"Two worker processes ended" in answer.body
        assert client.invoke(b"after").body == b"after"
    assert server.events("request_ended_workers")[-1]["bytes"] == 3
    all_work(server)


def test_the_requests_that_were_answered_together_with_it_are_answered(tmp_path: Path) -> None:
    with running_server(tmp_path, SAGEMAKER_MODEL_SERVER_WORKERS="1") as server, server.client() as busy:
        busy.send(busy.request(b"sleep 0.3"))
        until(lambda: server.metric("model_server_in_progress"), lambda count: count == 1)
        with server.client() as poisoned, server.client() as other:
            poisoned.send(poisoned.request(b"plain end"))
            other.send(other.request(b"plain beside"))
            assert (poisoned.read().status, other.read().body) == (503, b"plain beside")
        assert busy.read().body == b"sleep 0.3"


def test_a_request_that_takes_too_long_is_answered_504_and_its_worker_replaced(server: RunningServer) -> None:
    all_work(server)
    ended = len(server.events("worker_ended"))
    assert server.invoke(b"sleep 60").status == 504
    until(lambda: len(server.events("worker_ended")), lambda count: count == ended + 1)
    assert server.events("worker_timeout")[-1]["seconds"] < 10
    all_work(server)


def test_a_stopped_worker_costs_only_its_own_request(server: RunningServer) -> None:
    all_work(server)
    stopped = server.workers
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    assert server.invoke(b"to a stopped worker").status == 504
    until(lambda: server.invoke(b"x").status, lambda status: status == 200)


def test_an_error_of_the_model_is_a_500_without_its_text(server: RunningServer) -> None:
    answer = server.invoke(b"fail")
    assert answer.status == 500
    assert b"secret" not in answer.body
    assert server.events("request_failed")[-1]["error"] == "ValueError"
    assert "secret" not in server.log.read_text(encoding="utf-8")


def test_a_worker_is_replaced_while_there_are_more_connections_than_the_usual_limit_of_files(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, hard))
    try:
        running = running_server(tmp_path)
        server = running.__enter__()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    with ExitStack() as stack:
        stack.push(running)
        for _ in range(FILES):
            stack.enter_context(server.client())
        os.kill(server.loader, signal.SIGKILL)
        until(lambda: len(server.events("worker_started")), lambda count: count == 4)
        assert server.invoke(b"a").body == b"a"


def test_all_ends_with_the_front(tmp_path: Path) -> None:
    with running_server(tmp_path) as running:
        pids = [running.loader, *running.workers]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)  # so that none sees its socket's end of file
        running.process.kill()
        running.process.wait()
        until(lambda: [pid for pid in pids if _runs(pid)], lambda left: not left)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(") ", 1)[1][0] != "Z"
    except OSError:
        return False
