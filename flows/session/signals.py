"""Signals of the command line: each run stops the jobs that it has started, and the process ends within seconds."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Event, Thread
from types import FrameType

POLL_SECONDS = 0.01
GRACE_SECONDS = 8
"""The time from a signal to the end of the process. A hanging call to AWS would take minutes."""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOPPING = "\nvishwaops: stopping, with the run's jobs in SageMaker\n"
GIVEN_UP = (
    "vishwaops: a call does not return: the process ends without it. To see the jobs in progress: vishwaops jobs\n"
)


class Interrupted(KeyboardInterrupt):
    """A signal ends the process."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.status = 128 + number
        """The exit status that a shell uses for a command that this signal has ended."""


@contextmanager
def ending_on_signals() -> Iterator[None]:
    """Raise Interrupted on SIGINT, SIGTERM and SIGHUP, and end the process soon after. A second signal ends it at once.

    The process ends in time even if something keeps it alive after the body, such as a Prefect thread that waits for a
    server that has stopped.

    While a flow runs, Prefect handles SIGTERM: it raises TerminationSignal and then calls this handler. If
    Prefect's own code turns TerminationSignal into another error, Interrupted is raised too. A signal that is ignored,
    for example by nohup, stays ignored. Call this in the main thread.
    """
    with ExitStack() as stack:
        for number in SIGNALS:
            if (before := signal.getsignal(number)) != signal.SIG_IGN:
                signal.signal(number, _raise)
                stack.callback(signal.signal, number, before)
        received: list[int] = []
        try:
            with ending_in_time(received, process_ends=True):
                yield
        except Exception as error:
            if received:
                raise Interrupted(received[0]) from error
            raise


def _raise(number: int, frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_DFL)
    raise Interrupted(number)


@contextmanager
def ending_in_time(received: list[int] | None = None, process_ends: bool = False) -> Iterator[None]:
    """End this process GRACE_SECONDS after a signal, with any signal handler, unless the body ends before.

    With `process_ends`, the process must also end after a body that a signal ended. The first signal's number is added
    to `received`, at the latest when the body has ended. Has no effect outside of the main thread, and inside another
    `ending_in_time`.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    over, numbers = Event(), [] if received is None else received
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    watch = Thread(target=_watch, args=(reader, over, numbers), name="ending-in-time", daemon=True)
    watch.start()
    if before != -1:
        signal.set_wakeup_fd(before)
    try:
        yield
    finally:
        if before == -1:
            signal.set_wakeup_fd(-1)
        os.close(writer)
        while watch.is_alive() and not numbers:
            watch.join(POLL_SECONDS)
        if not process_ends:
            over.set()
            watch.join()


def _watch(reader: int, over: Event, received: list[int]) -> None:
    """Wait for a signal's number in the pipe. The interpreter writes it before any handler runs."""
    while (byte := os.read(reader, 1)) and byte[0] not in SIGNALS:
        pass
    if byte:
        received.append(byte[0])
        os.write(2, STOPPING.encode())
        if not over.wait(GRACE_SECONDS):
            os.write(2, GIVEN_UP.encode())
            os._exit(128 + byte[0])
    os.close(reader)
