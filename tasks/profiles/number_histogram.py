"""Histograms of numbers that do not depend on the order or the batches of the rows, and that can be compared exactly.

A finite float64 has a 64-bit key of the same order: its bits, with the sign's bit turned over (all bits, if negative).
A bin holds the numbers whose keys have a common prefix. So two bins of any histograms are equal, nested or disjoint. A
histogram keeps the longest prefixes with which it has at most LIMIT bins: each distinct number has a bin of its own
when there are few, whatever their size. (The uniform collapse of UDDSketch, Epicoco et al. 2020, on powers of two.)
"""

from dataclasses import dataclass

import numpy as np

LIMIT = 16_384
"""The most bins while rows are added."""
STORED = 1_024
"""A histogram with more bins is stored with neighbours of few rows as one bin."""
LIGHT = 1 / 512
"""The share of the rows up to which stored neighbours are one bin."""
BUFFERED = 131_072

SIGN = np.uint64(1 << 63)
SIGN_LEVEL = 63
"""A prefix of one bit. Negative numbers and others are never in one bin."""


def keys_of(numbers: np.ndarray) -> np.ndarray:
    """Return the keys of n finite numbers. Zero and negative zero have one key."""
    bits = (numbers + 0.0).view(np.uint64)
    return np.where(bits >= SIGN, ~bits, bits | SIGN)


def numbers_of(keys: np.ndarray) -> np.ndarray:
    """Return the numbers of n keys."""
    return np.where(keys >= SIGN, keys ^ SIGN, ~keys).view(np.float64)


LEAST, LAST_NEGATIVE, GREATEST = (
    keys_of(np.array([number]))[0] for number in (np.finfo(float).min, np.nextafter(0.0, -1.0), np.finfo(float).max)
)


@dataclass(frozen=True)
class Bins:
    """Bins in ascending order: bounds that belong to the bin, and numbers of rows."""

    low: np.ndarray
    high: np.ndarray
    rows: np.ndarray


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

    def bins(self) -> Bins:
        """Return the bins of all numbers so far."""
        self._count()
        prefixes, levels, rows = _without_light_neighbours(self._prefixes, self._level, self._rows)
        shift = levels.astype(np.uint64)
        low = prefixes << shift
        high = low | ((np.uint64(1) << shift) - np.uint64(1))
        order = np.argsort(low)
        low, high = np.maximum(low, LEAST), np.where(high < SIGN, np.minimum(high, LAST_NEGATIVE), high)
        return Bins(numbers_of(low)[order], numbers_of(np.minimum(high, GREATEST))[order], rows[order])

    def _count(self) -> None:
        if not self._buffer:
            return
        added, rows = np.unique(np.concatenate(self._buffer) >> np.uint64(self._level), return_counts=True)
        self._buffer = []
        self._prefixes, self._rows = _summed(np.append(self._prefixes, added), np.append(self._rows, rows))
        if len(self._prefixes) > LIMIT:
            shorter = _bits_to_drop(self._prefixes)
            self._level += shorter
            self._prefixes, self._rows = _summed(self._prefixes >> np.uint64(shorter), self._rows)


def _summed(prefixes: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct prefixes, ascending, and the rows of each."""
    order = np.argsort(prefixes, kind="stable")
    ordered = prefixes[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])) if len(ordered) else np.empty(0, int)
    return ordered[starts], np.add.reduceat(rows[order], starts) if len(starts) else rows


def _bits_to_drop(prefixes: np.ndarray) -> int:
    """Return the fewest bits without which at most LIMIT of the ascending prefixes are distinct."""
    differing = np.sort(prefixes[1:] ^ prefixes[:-1])
    return int(differing[-LIMIT]).bit_length()


def _without_light_neighbours(
    prefixes: np.ndarray, level: int, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return prefixes, levels and rows of the stored bins: pairs of light neighbours are one bin, again and again.

    A bin stays as it is when the pair has more than a share LIGHT of the rows, or when part of the pair stays.
    """
    if len(prefixes) <= STORED:
        return prefixes, np.full(len(prefixes), level), rows
    light, found = rows.sum() * LIGHT, []
    open_ = np.ones(len(prefixes), bool)
    for height in range(level, SIGN_LEVEL):
        parents = prefixes >> np.uint64(1)
        first = np.append(True, parents[1:] != parents[:-1])
        starts, pair_of = np.flatnonzero(first), np.cumsum(first) - 1
        together = np.add.reduceat(rows, starts)
        whole = np.logical_and.reduceat(open_, starts) & (together <= light)
        stays = open_ & ~whole[pair_of]
        found.append((prefixes[stays], np.full(stays.sum(), height), rows[stays]))
        prefixes, rows, open_ = parents[starts], np.where(whole, together, 0), whole
    found.append((prefixes[open_], np.full(open_.sum(), SIGN_LEVEL), rows[open_]))
    kept, levels, counts = (np.concatenate([part[place] for part in found]) for place in range(3))
    return kept, levels, counts
