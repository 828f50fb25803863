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
BUFFERED = 131_072


class HistogramBuilder:
    """Counts numbers in bins."""

    def __init__(self) -> None:
        self._buffer: list[np.ndarray] = []
        self._level = 0
        self._prefixes = np.empty(0, np.uint64)
        self._rows = np.empty(0, np.int64)

    def add(self, numbers: np.ndarray) -> None:
        """Count n finite numbers."""
        self._buffer.append(keys_of(numbers))
        if sum(map(len, self._buffer)) >= BUFFERED:
            self._count()

    def merge(self, other: "HistogramBuilder") -> None:
        """Count the numbers of another histogram: the result is as if one histogram had counted all."""
        self._count()
        other._count()
        level = max(self._level, other._level)
        parts = [(each._prefixes >> np.uint64(level - each._level), each._rows) for each in (self, other)]
        self._level = level
        self._prefixes, self._rows = _summed(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))
        self._shorten()

    def bins(self) -> PrefixBins:
        """Return the bins of all numbers so far."""
        self._count()
        level = np.full(len(self._prefixes), self._level, np.uint8)
        return thinned(PrefixBins(self._prefixes << np.uint64(self._level), level, self._rows), STORED)

    def _count(self) -> None:
        if not self._buffer:
            return
        added, rows = np.unique(np.concatenate(self._buffer) >> np.uint64(self._level), return_counts=True)
        self._buffer = []
        self._prefixes, self._rows = _summed(np.append(self._prefixes, added), np.append(self._rows, rows))
        self._shorten()

    def _shorten(self) -> None:
        if len(self._prefixes) > LIMIT:
            shorter = bits_to_drop(self._prefixes, LIMIT)
            self._level += shorter
            self._prefixes, self._rows = _summed(self._prefixes >> np.uint64(shorter), self._rows)


def _summed(prefixes: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct prefixes, ascending, and the rows of each."""
    order = np.argsort(prefixes, kind="stable")
    ordered = prefixes[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])) if len(ordered) else np.empty(0, int)
    return ordered[starts], np.add.reduceat(rows[order], starts) if len(starts) else rows
