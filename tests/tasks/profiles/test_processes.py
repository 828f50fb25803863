"""Functions in several processes. Those that run in them are of the standard library: a process starts fast."""

import os
from collections.abc import Callable, Sequence
from functools import partial

import pytest

from config.errors import ProcessFailed
from tasks.profiles import processes
from tasks.profiles.processes import results

SIZES = [partial(sum, range(size)) for size in (5, 3, 4, 2)]


@pytest.mark.parametrize("count", [1, 2])
def test_results_come_in_the_order_of_their_functions(count: int) -> None:
    assert list(results(SIZES, count)) == [10, 3, 6, 1]


def test_one_process_is_this_one_and_several_are_others() -> None:
    asked = [os.getpid] * 3
    assert set(results(asked, 1)) == set(results(asked[:1], 2)) == {os.getpid()}
    others = set(results(asked, 2))
    assert os.getpid() not in others
    assert len(others) <= 2


def test_by_default_there_are_as_many_processes_as_usable_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    assert processes.usable_cores() == len(os.sched_getaffinity(0))
    monkeypatch.setattr(processes, "usable_cores", lambda: 1)
    assert set(results([os.getpid] * 2)) == {os.getpid()}


def test_what_a_function_prints_is_no_result() -> None:
    works: list[Callable[[], object]] = [partial(print, "a line"), partial(os.write, 1, b"bytes")]
    assert list(results(works, 2)) == [None, 5]


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize(
    ("works", "message"),
    [
        ([partial(int, "1"), partial(int, "one")], "Part 2 of 2 of the rows could not be read: ValueError: invalid"),
        ([partial(open, "/no/such/file"), partial(int, "1")], "Part 1 of 2 .*: FileNotFoundError: "),
    ],
)
def test_a_function_that_fails_is_named_with_its_error(
    works: Sequence[Callable[[], object]], message: str, count: int
) -> None:
    with pytest.raises(ProcessFailed, match=message):
        list(results(works, count))


def test_a_process_that_ends_is_an_error_with_what_to_do() -> None:
    works: list[Callable[[], object]] = [partial(os._exit, 3), partial(int, "1")]
    with pytest.raises(ProcessFailed, match=r"ended with status 3, .* Run it again; on fewer cores if it fails again"):
        list(results(works, 2))


def test_a_caller_that_stops_early_ends_the_processes() -> None:
    found = results([os.getpid] * 4, 2)
    running = next(found)
    found.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(running, 0)


def test_a_process_does_not_import_the_callers_main_module() -> None:
    main = partial(eval, "__import__('__main__').__file__")
    assert set(results([main] * 2, 2)) == {processes.__file__}
