"""Histograms of numbers that do not depend on the order or the batches of the rows, and that can be compared exactly.

A bin holds the numbers whose keys have a common prefix (tasks.profiles.float_keys). A histogram keeps the longest
prefixes with which it has at most LIMIT bins: each distinct number has a bin of its own when there are few, whatever
their size. (The uniform collapse of UDDSketch, Epicoco et al. 2020, on powers of two.)
"""

import numpy as np

from tasks.profiles.float_keys import keys_of
from tasks.profiles.prefix_bins import STORED, PrefixBins, bits_to_drop, thinned

LIMIT = 16_384
"""The most bins while rows are added."""
_Counts = tuple[np.ndarray, np.ndarray]
"""Ascending prefixes, and the rows of each."""


class HistogramBuilder:
    """Counts numbers in bins."""

    def __init__(self) -> None:
        self._level = 0
        self._prefixes = np.empty(0, np.uint64)
        self._rows = np.empty(0, np.int64)

    def add(self, numbers: np.ndarray, rows: np.ndarray) -> None:
        """Count the rows of n ascending finite numbers."""
        self._add(keys_of(numbers), 0, rows)

    def merge(self, other: "HistogramBuilder") -> None:
        """Count the numbers of another histogram: the result is as if one histogram had counted all."""
        self._add(other._prefixes, other._level, other._rows)

    def bins(self) -> PrefixBins:
        """Return the bins of all numbers so far."""
        level = np.full(len(self._prefixes), self._level, np.uint8)
        return thinned(PrefixBins(self._prefixes << np.uint64(self._level), level, self._rows), STORED)

    def _add(self, prefixes: np.ndarray, level: int, rows: np.ndarray) -> None:
        """Count the rows of n ascending prefixes."""
        common = max(self._level, level)
        added = _summed(prefixes >> np.uint64(common - level), rows)
        known = _summed(self._prefixes >> np.uint64(common - self._level), self._rows)
        self._level = common
        self._prefixes, self._rows = _united(known, added)
        if len(self._prefixes) > LIMIT:
            shorter = bits_to_drop(self._prefixes, LIMIT)
            self._level += shorter
            self._prefixes, self._rows = _summed(self._prefixes >> np.uint64(shorter), self._rows)


def _summed(prefixes: np.ndarray, rows: np.ndarray) -> _Counts:
    """Return the distinct ones of n ascending prefixes, and the rows of each."""
    if not len(prefixes):
        return prefixes, rows
    starts = np.flatnonzero(np.append(True, prefixes[1:] != prefixes[:-1]))
    return prefixes[starts], np.add.reduceat(rows, starts)


def _united(
    known: tuple[np.ndarray, np.ndarray], added: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the prefixes of both, ascending, and the rows of each."""
    prefixes = np.append(known[0], added[0])
    order = np.argsort(prefixes, kind="stable")
    return _summed(prefixes[order], np.append(known[1], added[1])[order])
