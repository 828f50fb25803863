"""Runs functions in several processes of this machine.

Each process is a new interpreter that does not import the caller's main module: it starts fast, whatever the command.
"""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import IO, Any, TypeVar, cast

from config.errors import ProcessFailed

Result = TypeVar("Result")


def usable_cores() -> int:
    """Return the number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0))


def results(works: Sequence[Callable[[], Result]], processes: int | None = None) -> Iterator[Result]:
    """Yield the result of each function, in order, from as many processes as there are usable cores, or `processes`.

    A function and its result are pickled: it is a function of a module, or a partial of one. One process is this one.

    Raises ProcessFailed when a process was killed, or a function raised an exception.
    """
    count = min(processes or usable_cores(), len(works))
    if count < 2:
        yield from (_here(work, place, len(works)) for place, work in enumerate(works))
        return
    workers = [_Worker() for _ in range(count)]
    try:
        yield from _shared(works, workers)
    finally:
        for worker in workers:
            worker.end()


def _here(work: Callable[[], Result], place: int, count: int) -> Result:
    try:
        return work()
    except Exception as error:
        raise _failed(place, count, f"{type(error).__name__}: {error}") from error


def _failed(place: int, count: int, why: str) -> ProcessFailed:
    return ProcessFailed(f"Part {place + 1} of {count} of the rows could not be read: {why}")


def _shared(works: Sequence[Callable[[], Result]], workers: Sequence["_Worker"]) -> Iterator[Result]:
    idle: SimpleQueue[_Worker] = SimpleQueue()
    for worker in workers:
        idle.put(worker)

    def done(place: int) -> Result:
        worker = idle.get()
        try:
            answer, error = worker.ask(works[place])
        finally:
            idle.put(worker)
        if error:
            raise _failed(place, len(works), error)
        return answer  # type: ignore[no-any-return]

    threads = ThreadPoolExecutor(len(workers))
    try:
        yield from threads.map(done, range(len(works)))
    finally:
        threads.shutdown(wait=False, cancel_futures=True)


class _Worker:
    def __init__(self) -> None:
        path = os.pathsep.join(filter(None, sys.path))
        command = [sys.executable, "-m", __name__]
        environment = {**os.environ, "PYTHONPATH": path}
        self._process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._works, self._answers = cast(IO[bytes], self._process.stdin), cast(IO[bytes], self._process.stdout)

    def ask(self, work: Callable[[], Any]) -> tuple[Any, str | None]:
        """Return the result of a function, or its error as text."""
        try:
            pickle.dump(work, self._works)
            self._works.flush()
            return pickle.load(self._answers)  # type: ignore[no-any-return]  # noqa: S301 - from our own process
        except (EOFError, OSError, pickle.UnpicklingError):
            status = self._process.wait()
            why = "as of one that is killed or has no memory left. Run it again; on fewer cores if it fails again"
            return None, f"its process ended with status {status}, {why}"

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.communicate()


def serve() -> None:
    """Answer the functions on standard input with their results until it ends. What they print goes to stderr."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends this process
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        try:
            work = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own process
        except EOFError:
            return
        pickle.dump(_answer(work), answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()


def _answer(work: Callable[[], Any]) -> tuple[Any, str | None]:
    try:
        return work(), None
    except Exception as error:  # noqa: BLE001 - the parent raises it
        return None, f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    serve()
