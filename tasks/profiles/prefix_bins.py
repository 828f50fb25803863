"""Bins of numbers whose keys have a common prefix. So two bins of any histograms are equal, nested or disjoint."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tasks.profiles.float_keys import GREATEST, LAST_NEGATIVE, LEAST, ONE, SIGN, bit_lengths, keys_of, numbers_of
from tasks.profiles.stored_profiles import Histogram

SIGN_LEVEL = 63
"""The level of a prefix of one bit. Negative numbers and others are never in one bin."""


@dataclass(frozen=True)
class Size:
    """How many bins a histogram has."""

    bins: int
    """More bins are thinned."""
    light: float
    """The share of the rows up to which thinning makes one bin of neighbours."""
    prefixes: int
    """No thinned bin is wider than the finest level with so many bins: a tail keeps several."""


STORED = Size(bins=1_024, light=1 / 512, prefixes=512)
"""The size of a histogram in a profile."""


@dataclass(frozen=True)
class PrefixBins:
    """Disjoint bins in ascending order: (n,) each."""

    low: np.ndarray
    """The least key of each bin."""
    level: np.ndarray
    """The number of bits of a key that follow the prefix."""
    rows: np.ndarray

    @property
    def high(self) -> np.ndarray:
        """The greatest key of each bin."""
        return np.asarray(self.low | _rest(self.level))

    def numbers(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the least and the greatest finite number of each bin."""
        high = self.high
        high = np.where(high < SIGN, np.minimum(high, LAST_NEGATIVE), np.minimum(high, GREATEST))
        return numbers_of(np.maximum(self.low, LEAST)), numbers_of(high)


def of_levels(low: np.ndarray, level: np.ndarray, rows: np.ndarray) -> PrefixBins:
    """Return the bins with these least numbers and levels."""
    return PrefixBins(keys_of(low) & ~_rest(level), level, rows)


def of_numbers(low: np.ndarray, high: np.ndarray, rows: np.ndarray) -> PrefixBins:
    """Return the bins with these least and greatest numbers."""
    return of_levels(low, bit_lengths(keys_of(low) ^ keys_of(high)), rows)


def bins_of(histogram: Histogram) -> PrefixBins:
    """Return the bins of a stored histogram."""
    return of_numbers(*histogram.bounds, histogram.counts)


def histogram_of(bins: PrefixBins) -> Histogram:
    """Return the stored form of bins."""
    low, high = bins.numbers()
    return Histogram(low=tuple(low.tolist()), high=tuple(high.tolist()), rows=tuple(bins.rows.tolist()))


def together(parts: Sequence[PrefixBins]) -> PrefixBins:
    """Return the bins of all parts: they may overlap."""
    if not parts:
        return PrefixBins(np.empty(0, np.uint64), np.empty(0, np.uint8), np.empty(0, np.int64))
    return PrefixBins(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("low", "level", "rows")))


def joined(bins: PrefixBins) -> PrefixBins:
    """Return the rows of bins that are equal, nested or disjoint in the largest ones of them, ascending."""
    low, high, rows = bins.low, bins.high, bins.rows
    if not len(low):
        return bins
    order = np.argsort(low)
    low, reach = low[order], np.maximum.accumulate(high[order])
    starts = np.flatnonzero(np.append(True, low[1:] > reach[:-1]))
    first, last = low[starts], reach[np.append(starts[1:], len(low)) - 1]
    return PrefixBins(first, bit_lengths(first ^ last), np.add.reduceat(rows[order], starts))


def thinned(bins: PrefixBins, size: Size) -> PrefixBins:
    """Return fewer bins when there are more than `size.bins`: the widest ones of at most `size.light` of the rows.

    A bin with more rows stays as it is.
    """
    if len(bins.low) <= size.bins:
        return bins
    level = _widest_light(bins, bins.rows.sum() * size.light, _level_of(bins.low, size.prefixes))
    low = bins.low & ~_rest(level)
    starts = np.flatnonzero(np.append(True, low[1:] != low[:-1]))
    return PrefixBins(low[starts], level[starts], np.add.reduceat(bins.rows, starts))


def _widest_light(bins: PrefixBins, light: float, widest: int) -> np.ndarray:
    """Return for each bin the highest level up to `widest` at which its prefix has at most `light` rows, by bisection.

    The rows of a prefix never fall with its level.
    """
    before = np.append(0, np.cumsum(bins.rows))
    level = bins.level.astype(np.int64)
    highest = np.maximum(level, widest)
    while (level < highest).any():
        middle = (level + highest + 1) // 2
        low = bins.low & ~_rest(middle)
        starts = np.searchsorted(bins.low, low)
        ends = np.searchsorted(bins.low, low | _rest(middle), "right")
        is_light = before[ends] - before[starts] <= light
        level, highest = np.where(is_light, middle, level), np.where(is_light, highest, middle - 1)
    return level.astype(np.uint8)


def _level_of(low: np.ndarray, prefixes: int) -> int:
    """Return the lowest level at which n ascending keys have at most so many prefixes."""
    return min(bits_to_drop(low, prefixes), SIGN_LEVEL)


def bits_to_drop(keys: np.ndarray, most: int) -> int:
    """Return the fewest bits without which at most `most` of n ascending keys are distinct."""
    if len(keys) <= most:
        return 0
    differing = keys[1:] ^ keys[:-1]
    return int(np.partition(differing, -most)[-most]).bit_length()


def _rest(level: np.ndarray) -> np.ndarray:
    return np.asarray((ONE << level.astype(np.uint64)) - ONE)
