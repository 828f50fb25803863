"""One `vishwaops serve` for a state folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from config.errors import AlreadyServed
from flows.serve.parts import LOGS
from sagemaker_local.private_files import private_folder


@contextmanager
def only_one() -> Iterator[None]:
    """Hold the lock, which ends with this process. Raises AlreadyServed."""
    path = private_folder(LOGS) / "lock"
    with path.open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise AlreadyServed(
                f"{path.parent.parent}: served already, by process {lock.read().strip()}. End it first, or "
                "set VISHWAOPS_STATE to another folder"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
