"""The instances of a training job as ranks: what they compute together."""

from typing import Any, Protocol

import numpy as np


class Ranks(Protocol):
    """One rank's connection to all of them. Every rank makes the same calls in the same order."""

    rank: int
    """This rank. Rank 0 writes the model and prints the metrics."""
    size: int

    def sum(self, values: np.ndarray) -> np.ndarray:
        """Return the sum of the ranks' (n,) arrays, of one shape and one type."""
        ...

    def gather(self, value: Any) -> list[Any]:
        """Return the value of each rank, in the order of the ranks. All values are in the memory of every rank."""
        ...


class _Alone:
    rank, size = 0, 1

    def sum(self, values: np.ndarray) -> np.ndarray:
        return values

    def gather(self, value: Any) -> list[Any]:
        return [value]


ALONE: Ranks = _Alone()
"""The only rank of a job with one instance."""


def total(ranks: Ranks, count: int) -> int:
    """Return the sum of the ranks' counts."""
    return int(ranks.sum(np.array([count], "int64"))[0])
