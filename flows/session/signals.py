"""What a signal does to the command line: every run stops what it has started, and the process ends soon."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Event, Thread
from types import FrameType

POLL_SECONDS = 0.01
GRACE_SECONDS = 8
"""How long after a signal the process may still live. A call to AWS that hangs would keep it for minutes."""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOPPING = "\nvishwaops: stopping; what runs in SageMaker is stopped as well\n"
GIVEN_UP = (
    "vishwaops: a call has not returned: the process ends without it. What still runs in SageMaker: vishwaops jobs\n"
)


class Interrupted(KeyboardInterrupt):
    """A signal has asked the process to end."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.status = 128 + number
        """The exit status of a shell's command that this signal ended."""


@contextmanager
def ending_on_signals() -> Iterator[None]:
    """Raise Interrupted on SIGINT, SIGTERM and SIGHUP, and end the process soon after; a second signal ends it at once.

    It ends in time even if the body has ended and something else keeps it, such as a thread of Prefect's that waits for
    a server that is gone.

    While a flow runs, SIGTERM is Prefect's: it raises TerminationSignal, and then hands the signal on to this. Where
    that hits code of Prefect's own, another error may come out of it, which is Interrupted too. A signal that was
    ignored stays so, as by nohup. For the main thread.
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
    """End this process GRACE_SECONDS after a signal, whoever handles it, unless the body ends before.

    With `process_ends` a body that a signal ended changes nothing: the process is expected to end then. The first
    signal's number is added to `received`, at the latest when the body has ended. Does nothing in another thread than
    the main one, and inside another `ending_in_time`.
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
    """Wait for a signal's number in the pipe, which the interpreter writes before any handler runs."""
    while (byte := os.read(reader, 1)) and byte[0] not in SIGNALS:
        pass
    if byte:
        received.append(byte[0])
        os.write(2, STOPPING.encode())
        if not over.wait(GRACE_SECONDS):
            os.write(2, GIVEN_UP.encode())
            os._exit(128 + byte[0])
    os.close(reader)
