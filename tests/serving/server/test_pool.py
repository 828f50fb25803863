"""Which requests are handed to which workers, and when."""

import asyncio
import math
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import pytest

from serving.server import worker_link
from serving.server.frames import ANSWER, REQUEST, Board
from serving.server.http_heads import Head
from serving.server.metrics import Metrics
from serving.server.pool import FEWEST_TOGETHER, HELD, Pool
from serving.server.requests import Request
from serving.server.settings import Settings
from serving.server.worker_link import AHEAD, QUICK

HEAD = Head("POST", "/invocations", 1, b"", 0, expects_continue=False, keep_alive=True, old=False)


@dataclass
class Client:
    answers: list[bytes] = field(default_factory=list)

    def respond(self, response: bytes) -> None:
        self.answers.append(response)


@dataclass
class Workers:
    """A pool, and the workers' ends of its sockets."""

    loop: asyncio.AbstractEventLoop
    pool: Pool
    ends: list[socket.socket]
    client: Client = field(default_factory=Client)

    def submit(self, count: int, size: int = 1) -> None:
        for _ in range(count):
            self.pool.submit(Request(self.client, HEAD, (bytes(size),), size, monotonic()))
        self.turn()

    def turn(self, seconds: float = 0.0) -> None:
        self.loop.run_until_complete(asyncio.sleep(seconds))

    def taken(self) -> list[int]:
        """The number of one-byte requests that each worker has been sent since the last call."""
        counts = []
        for end in self.ends:
            try:
                counts.append(len(end.recv(1 << 16)) // (REQUEST.size + 1))
            except BlockingIOError:
                counts.append(0)
        return sorted(counts)

    def answer(self, worker: int, count: int) -> None:
        before = len(self.client.answers)
        self.ends[worker].send((ANSWER.pack(1, 1, 200) + b"a") * count)
        while len(self.client.answers) < before + count:
            self.turn()


@pytest.fixture
def workers() -> Iterator[Workers]:
    """Two workers that have answered a request each, in a short time."""
    loop = asyncio.new_event_loop()
    pool = Pool(loop, Settings(Path("model")), Board.create(2), Metrics(), lambda pid: None)
    found = Workers(loop, pool, [])
    for slot in range(2):
        ours, theirs = socket.socketpair()
        theirs.setblocking(False)
        found.ends.append(theirs)
        pool.add(ours, 100 + slot, slot)
    found.submit(2, QUICK)
    for worker in range(2):
        found.ends[worker].recv(1 << 16)
        found.answer(worker, 1)
    for link in pool.links:
        link._pace = 1e-5  # that of a fast worker, however busy this machine is
    yield found
    for link in list(pool.links):
        link.close()
    for end in found.ends:
        end.close()
    loop.close()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker never counts as silent, however busy this machine is."""
    monkeypatch.setattr(worker_link, "SILENT", 60.0)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy worker counts as silent at once."""
    monkeypatch.setattr(worker_link, "SILENT", -1.0)


@pytest.mark.usefixtures("patient")
def test_small_requests_are_sent_to_a_worker_with_a_quick_batch(workers: Workers) -> None:
    workers.submit(1)
    assert workers.taken() == [0, 1]
    workers.submit(1)
    workers.submit(2)
    assert workers.taken() == [0, 3]
    workers.answer(next(link for link in workers.pool.links if link.batch).slot, 4)
    assert workers.pool.in_progress == 0


@pytest.mark.usefixtures("patient")
def test_a_busy_worker_is_sent_no_more_than_it_soon_answers(workers: Workers) -> None:
    for link in workers.pool.links:
        link._pace = AHEAD / 3.5
    workers.submit(1)
    workers.submit(2 + FEWEST_TOGETHER)
    assert workers.taken() == [3, FEWEST_TOGETHER]


@pytest.mark.usefixtures("patient")
def test_a_busy_worker_has_room_again_for_each_answer(workers: Workers) -> None:
    workers.submit(1, QUICK // 4)
    busy = next(link for link in workers.pool.links if link.batch)
    for _ in range(8):
        workers.submit(1, QUICK // 4)
        assert len(busy.batch) == workers.pool.in_progress == 2
        workers.answer(busy.slot, 1)


@pytest.mark.usefixtures("patient")
def test_a_large_request_is_not_sent_behind_others(workers: Workers) -> None:
    workers.submit(1)
    workers.submit(1, QUICK + 1)
    assert sorted(len(link.batch) for link in workers.pool.links) == [1, 1]


@pytest.mark.usefixtures("impatient")
def test_few_requests_wait_for_a_silent_worker_with_a_quick_batch_and_go_together(workers: Workers) -> None:
    workers.submit(1)
    assert workers.taken() == [0, 1]
    workers.submit(1)
    workers.submit(2)
    assert workers.taken() == [0, 0]
    busy = next(link for link in workers.pool.links if link.batch)
    workers.answer(busy.slot, 1)
    workers.turn()
    assert workers.taken() == [0, 3]


@pytest.mark.usefixtures("impatient")
def test_many_requests_wake_another_worker(workers: Workers) -> None:
    workers.submit(1)
    workers.submit(FEWEST_TOGETHER)
    assert workers.taken() == [1, FEWEST_TOGETHER]


@pytest.mark.usefixtures("impatient")
def test_a_request_that_waits_wakes_another_worker_in_a_short_time(workers: Workers) -> None:
    workers.submit(1)
    workers.submit(1)
    workers.turn(5 * HELD)
    assert workers.taken() == [1, 1]


def test_no_request_waits_for_a_slow_worker(workers: Workers) -> None:
    for link in workers.pool.links:
        link._pace = math.inf
    workers.submit(1)
    workers.submit(1)
    assert workers.taken() == [1, 1]


def test_no_request_waits_for_a_large_batch(workers: Workers) -> None:
    workers.submit(1, QUICK + 1)
    for end in workers.ends:
        try:
            end.recv(1 << 16)
        except BlockingIOError:
            continue
    workers.submit(1)
    assert workers.taken() == [0, 1]
