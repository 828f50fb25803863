"""Cancellation of a run. All code that waits for AWS waits here, and raises Cancelled when its run is cancelled.

Each run has its own scope: cancelling one run does not affect other runs of the process. A thread belongs to the scope
in its context variables. Prefect's thread pool copies these into the threads of a flow's tasks.
"""

import itertools
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event, Lock

from config.errors import Cancelled
from tasks.progress import log

LONGEST_WAIT = 0.5
"""Seconds. Prefect raises a time limit in a thread only between two waits of that thread."""


class Scope:
    """The waits of one run, and the functions that stop what it has started."""

    def __init__(self) -> None:
        self.cause: BaseException | None = None
        self._cancelled = Event()
        self._lock = Lock()
        self._stops: dict[int, Callable[[], None]] = {}
        self._numbers = itertools.count()

    def cancel(self, cause: BaseException) -> None:
        """End every wait of the run and stop what it has started. The first `cause` is reported."""
        with self._lock:
            self.cause = self.cause or cause
            stops = list(self._stops.values())
        self._cancelled.set()
        for stop in stops:
            stop()

    def check(self) -> None:
        """Raise Cancelled if the run is cancelled."""
        if self._cancelled.is_set():
            raise Cancelled(f"cancelled: {in_words(self.cause)}") from self.cause

    def wait(self, seconds: float) -> None:
        """Wait for this many seconds. Raises Cancelled as soon as the run is cancelled."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and not self._cancelled.wait(min(left, LONGEST_WAIT)):
            pass
        self.check()

    @contextmanager
    def stopping(self, stop: Callable[[], None]) -> Iterator[None]:
        """Call `stop` if the run is cancelled while the body runs. `stop` may be called twice, and must not raise."""
        number = next(self._numbers)
        with self._lock:
            self._stops[number] = stop
        try:
            yield
        finally:
            with self._lock:
                del self._stops[number]


_outside = Scope()
"""The scope of code outside of a run. It is never cancelled."""
_scope: ContextVar[Scope] = ContextVar("cancellation_scope", default=_outside)


def current() -> Scope:
    """Return the scope of the run that this code belongs to."""
    return _scope.get()


@contextmanager
def scope() -> Iterator[Scope]:
    """Open the scope of one run. Every exception of the body cancels it: an error, a signal or a time limit.

    When a task fails and the other tasks are cancelled for that reason, the failure is raised, not Cancelled.
    """
    made = Scope()
    token = _scope.set(made)
    try:
        yield made
    except Cancelled as error:
        made.cancel(error)
        raise (made.cause or error) from None
    except BaseException as error:
        made.cancel(error)
        raise
    finally:
        _scope.reset(token)


def wait(seconds: float) -> None:
    """Wait for this many seconds. Raises Cancelled as soon as the run that this code belongs to is cancelled."""
    current().wait(seconds)


def stop_quietly(what: str, stop: Callable[[], None]) -> None:
    """Call `stop`. A failure is only logged, so that it does not replace the error that ends the run."""
    try:
        stop()
    except Exception as error:  # noqa: BLE001  any client's error
        log.warning("%s could not be stopped: %s. See vishwaops jobs", what, error)


def in_words(cause: BaseException | None) -> str:
    """Why a run ended: the signal's name, or the error's text."""
    if (number := getattr(cause, "signal", None)) is not None:  # of Prefect's TerminationSignal
        return signal.Signals(number).name
    return str(cause) or type(cause).__name__
