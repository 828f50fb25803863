"""A short load on an endpoint."""

import math
import threading

from config.errors import JobFailed
from tasks.release.load import Load, run_load


def test_bodies_are_sent_in_turn_and_failures_are_counted() -> None:
    sent: list[bytes] = []

    def ask(body: bytes) -> bytes:
        sent.append(body)
        if body == b"b":
            raise JobFailed("endpoint e: no answer")
        return b""

    load = run_load(ask, [b"a", b"b"], requests=5, connections=1)
    assert sent == [b"a", b"b", b"a", b"b", b"a"]
    assert (len(load.seconds), load.failures) == (3, ("endpoint e: no answer",) * 2)


def test_requests_are_sent_over_several_connections_at_the_same_time() -> None:
    both = threading.Barrier(2, timeout=60)

    def ask(body: bytes) -> bytes:
        both.wait()
        return b""

    assert len(run_load(ask, [b"a"], requests=4, connections=2).seconds) == 4


def test_a_percentile_is_the_duration_that_its_share_of_the_answers_does_not_exceed() -> None:
    load = Load(seconds=(0.4, 0.1, 0.3, 0.2), failures=())
    assert (load.percentile(0.5), load.percentile(0.95), load.percentile(0.0)) == (0.2, 0.4, 0.1)
    assert math.isnan(Load((), ("no",)).percentile(0.5))
