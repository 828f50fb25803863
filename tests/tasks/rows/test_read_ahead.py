import threading
from collections.abc import Iterator
from contextvars import ContextVar

import pytest

from tasks.rows.read_ahead import AHEAD, read_ahead

RUN: ContextVar[str] = ContextVar("run")


def test_items_come_in_order_from_another_thread() -> None:
    found = list(read_ahead((number, threading.get_ident()) for number in range(50)))
    assert [number for number, _ in found] == list(range(50))
    assert {thread for _, thread in found} != {threading.get_ident()}


def test_an_error_is_raised_after_the_items_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("cut off")

    found = read_ahead(items())
    assert next(found) == 1
    with pytest.raises(ValueError, match="cut off"):
        next(found)


def test_the_iterator_does_not_run_far_ahead_and_is_closed_with_the_reader() -> None:
    produced, closed_in = list[int](), list[int]()

    def items() -> Iterator[int]:
        try:
            for number in range(1_000):
                produced.append(number)
                yield number
        finally:
            closed_in.append(threading.get_ident())

    found = read_ahead(items())
    assert next(found) == 0
    found.close()
    assert closed_in not in ([], [threading.get_ident()])
    assert len(produced) <= AHEAD + 4


def test_the_thread_has_the_variables_of_the_run() -> None:
    RUN.set("run-1")
    assert list(read_ahead(RUN.get() for _ in range(1))) == ["run-1"]
