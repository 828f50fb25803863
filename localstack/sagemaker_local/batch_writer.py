"""Collects items on the path of requests, and writes them in batches from its own thread."""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, TypeVar

EVERY = 1.0
"""Seconds between two batches."""

T = TypeVar("T")


class BatchWriter(Generic[T]):
    """Writes about once a second. Subclasses implement `write`. Methods may be called from any thread.

    Args:
        name: the name of the thread.
        most_waiting: items that may wait; when there are more, the oldest are dropped.
    """

    def __init__(self, name: str, most_waiting: int) -> None:
        self._waiting: deque[T] = deque(maxlen=most_waiting)
        self._writing = threading.Lock()
        self._closed = threading.Event()
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def write(self, items: list[T]) -> None:
        """Writes one batch, which may be empty. Raises nothing: what can't be written is lost."""
        raise NotImplementedError

    def add(self, item: T) -> None:
        self._waiting.append(item)

    @property
    def waiting(self) -> int:
        """The number of items that are not written yet."""
        return len(self._waiting)

    def flush(self) -> None:
        """Returns when every item so far was written, or could not be."""
        with self._writing:
            self.write([self._waiting.popleft() for _ in range(len(self._waiting))])

    def close(self) -> None:
        """Ends the thread, and writes what waits."""
        self._closed.set()
        self.flush()

    def _run(self) -> None:
        while not self._closed.wait(EVERY):
            self.flush()
