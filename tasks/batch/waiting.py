"""Results of work in other threads, in the order of its submission, with a limited number in progress."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Generic, TypeVar

Result = TypeVar("Result")


class Waiting(Generic[Result]):
    """Futures whose results are not taken yet."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._futures: deque[Future[Result]] = deque()

    def add(self, future: Future[Result]) -> Iterator[Result]:
        """Add a future. Yields the oldest results until at most `most` futures are left. Raises their errors."""
        self._futures.append(future)
        while len(self._futures) > self._most:
            yield self._futures.popleft().result()

    def rest(self) -> Iterator[Result]:
        """Yield the results of all futures that are left."""
        while self._futures:
            yield self._futures.popleft().result()
