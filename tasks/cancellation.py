"""Cancellation of a run. Whatever waits for AWS waits here, and raises Cancelled when its run is cancelled.

Each run has a scope of its own: to cancel one run of a process leaves the others alone. A thread belongs to the scope
that its context variables name; Prefect's thread pool copies them into the threads of a flow's tasks.
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
"""Seconds. A time limit that Prefect raises in a thread is seen only between two waits of it."""


class Scope:
    """What one run waits for, and how to stop it."""

    def __init__(self) -> None:
        self.cause: BaseException | None = None
        self._cancelled = Event()
        self._lock = Lock()
        self._stops: dict[int, Callable[[], None]] = {}
        self._numbers = itertools.count()

    def cancel(self, cause: BaseException) -> None:
        """End every wait of the run and stop what it has started. `cause` is reported; the first one counts."""
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
        """Wait so long. Raises Cancelled as soon as the run is cancelled."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and not self._cancelled.wait(min(left, LONGEST_WAIT)):
            pass
        self.check()

    @contextmanager
    def stopping(self, stop: Callable[[], None]) -> Iterator[None]:
        """Call `stop` if the run is cancelled while the body runs. `stop` can be called twice, and raises nothing."""
        number = next(self._numbers)
        with self._lock:
            self._stops[number] = stop
        try:
            yield
        finally:
            with self._lock:
                del self._stops[number]


_outside = Scope()
"""Of code that no run has called; nothing cancels it."""
_scope: ContextVar[Scope] = ContextVar("cancellation_scope", default=_outside)


def current() -> Scope:
    """The scope of the run that this code belongs to."""
    return _scope.get()


@contextmanager
def scope() -> Iterator[Scope]:
    """The scope of one run. Whatever leaves the body cancels it: an error, a signal's exception, a time limit.

    Where a part of the run failed and the others were cancelled for that, the failure is raised, not Cancelled.
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
    """Wait so long. Raises Cancelled as soon as the run that this code belongs to is cancelled."""
    current().wait(seconds)


def stop_quietly(what: str, stop: Callable[[], None]) -> None:
    """Call `stop`; a failure is logged, since the error that ends the run matters more."""
    try:
        stop()
    except Exception as error:  # noqa: BLE001  any client's error
        log.warning("%s could not be stopped: %s. See vishwaops jobs", what, error)


def in_words(cause: BaseException | None) -> str:
    """Why a run ended: the signal's name, or the error's text."""
    if (number := getattr(cause, "signal", None)) is not None:  # of Prefect's TerminationSignal
        return signal.Signals(number).name
    return str(cause) or type(cause).__name__
