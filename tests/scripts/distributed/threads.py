"""Ranks as threads of this process, instead of instances."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np

R = TypeVar("R")


class _Thread:
    """A rank whose calls wait for those of the others."""

    def __init__(self, rank: int, size: int, barrier: threading.Barrier, values: list[Any]) -> None:
        self.rank, self.size = rank, size
        self._barrier, self._values = barrier, values

    def gather(self, value: Any) -> list[Any]:
        self._values[self.rank] = value
        self._barrier.wait()
        found = list(self._values)
        self._barrier.wait()
        return found

    def sum(self, values: np.ndarray) -> np.ndarray:
        return np.asarray(np.sum(self.gather(values), axis=0))


def on_ranks(parts: Sequence[Any], run: Callable[[Any, Any], R]) -> list[R]:
    """Call `run(ranks, part)` on a thread for each part. Returns their results."""
    barrier, values = threading.Barrier(len(parts), timeout=60), [None] * len(parts)
    ranks = [_Thread(rank, len(parts), barrier, values) for rank in range(len(parts))]
    with ThreadPoolExecutor(len(parts)) as pool:
        return list(pool.map(run, ranks, parts))
