"""The context of one run: its heartbeat, and stopping its jobs when it ends with an error."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from queue import SimpleQueue
from typing import TypeVar

from prefect.futures import PrefectFuture, wait
from prefect.runtime import flow_run

from config.errors import Cancelled
from flows.session.signals import ending_in_time
from tasks import cancellation
from tasks.heartbeats import beating

POLL_SECONDS = 0.1
Result = TypeVar("Result")


@contextmanager
def active_run(use_case: str, run: str) -> Iterator[None]:
    """Write the run's heartbeat while the body runs. An exception of the body stops the jobs that the run has started.

    Enter it inside the flow's function, because Prefect waits for the tasks' threads right after that function.
    """
    with ending_in_time(), beating(use_case, run, flow_run.get_id()), cancellation.scope():
        yield


def results(futures: Sequence[PrefectFuture[Result]]) -> list[Result]:
    """Return the results of parallel tasks, in order. The first failure cancels the other tasks and is raised."""
    for future in _as_they_end(futures):
        try:
            future.result()
        except Cancelled:
            continue
        except Exception as error:
            cancellation.current().cancel(error)
            wait(list(futures))
            raise
    return [future.result() for future in futures]


def _as_they_end(futures: Sequence[PrefectFuture[Result]]) -> Iterator[PrefectFuture[Result]]:
    """Yield futures as they complete. Prefect's `as_completed` ignores the time limit of the waiting flow."""
    ended: SimpleQueue[PrefectFuture[Result]] = SimpleQueue()
    for future in futures:
        future.add_done_callback(ended.put)
    for _ in futures:
        while ended.empty():
            cancellation.wait(POLL_SECONDS)
        yield ended.get()
