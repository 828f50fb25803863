"""The bins in which two stored profiles are compared. They are chosen by the pooled rows alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tasks.profiles.category_counts import BUCKETS, bucket_rows, hash_of
from tasks.profiles.statistics import LEAST_EXPECTED, Samples
from tasks.profiles.stored_profiles import CategoryProfile, Histogram

BINS = 10
POINT_MASS = 1 / 20
"""The share of the pooled rows from which a number has a bin of its own."""


@dataclass(frozen=True)
class Cells:
    """The smallest parts in which both profiles have exact rows, with their names.

    `low` and `high` are the bounds of cells of numbers; empty for categories.
    """

    samples: Samples
    names: Sequence[str]
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Binned:
    """The bins of a test. `of_cell` has the bin of each cell."""

    samples: Samples
    of_cell: np.ndarray


def number_cells(reference: Histogram, scored: Histogram) -> Cells:
    """Return the smallest intervals that are unions of bins in both histograms, ascending."""
    low, high = (np.append(*pair) for pair in zip(reference.bounds, scored.bounds, strict=True))
    rows = np.zeros((2, len(low)), np.int64)
    rows[0, : len(reference.rows)], rows[1, len(reference.rows) :] = reference.counts, scored.counts
    order = np.argsort(low, kind="stable")
    low, reach = low[order], np.maximum.accumulate(high[order])
    starts = np.flatnonzero(np.append(True, low[1:] > reach[:-1]))
    ends = np.append(starts[1:], len(low)) - 1
    samples = Samples(*np.add.reduceat(rows[:, order], starts, axis=1))
    bounds = (low[starts], reach[ends])
    return Cells(samples, Intervals(*bounds), *bounds)


@dataclass(frozen=True)
class Intervals(Sequence[str]):
    """The names of intervals. Few of them are shown."""

    low: np.ndarray
    high: np.ndarray

    def __getitem__(self, place: Any) -> Any:
        return interval(self.low[place], self.high[place])

    def __len__(self) -> int:
        return len(self.low)


def interval(low: float, high: float) -> str:
    """Return an interval as text."""
    return f"{low:.6g}" if low == high else f"{low:.6g} to {high:.6g}"


def number_bins(cells: Cells) -> Binned:
    """Return bins of a tenth of the pooled rows each, and a bin for each number that has POINT_MASS of them."""
    pooled = cells.samples.pooled
    total = pooled.sum()
    alone = pooled >= total * POINT_MASS
    others = np.where(alone, 0, pooled)
    tenth = np.floor((np.cumsum(others) - others / 2) * (BINS / total))
    begins = alone[1:] | alone[:-1] | (tenth[1:] != tenth[:-1])
    of_cell = np.append(0, np.cumsum(begins))
    of_cell = _joined_neighbours(cells.samples.joined(of_cell).expected)[of_cell]
    return Binned(cells.samples.joined(of_cell), of_cell)


def _joined_neighbours(expected: np.ndarray) -> np.ndarray:
    """Return a larger bin for each bin: neighbours are joined until each has LEAST_EXPECTED expected rows."""
    larger, rows = np.zeros(len(expected), int), 0.0
    for place, more in enumerate(expected):
        if place and rows >= LEAST_EXPECTED:
            larger[place], rows = larger[place - 1] + 1, 0.0
        elif place:
            larger[place] = larger[place - 1]
        rows += more
    if rows < LEAST_EXPECTED:
        larger[larger == larger[-1]] = max(larger[-1] - 1, 0)
    return larger


@dataclass(frozen=True)
class CommonValues:
    """The values whose rows both profiles have exactly. A value may be absent from one."""

    names: list[str]
    samples: Samples
    share: float
    """The share of all possible values that these are a random sample of; 1 when each value is counted."""


def common_values(reference: CategoryProfile, scored: CategoryProfile) -> CommonValues:
    """Return the values up to the smaller of the largest hashes of both samples."""
    counts = [each.frequent if each.complete else each.sample for each in (reference, scored)]
    names, share = sorted({*counts[0], *counts[1]}), 1.0
    samples = [each for each, profile in zip(counts, (reference, scored), strict=True) if not profile.complete]
    if samples:
        least = min(max(map(hash_of, sample), default=-1) for sample in samples)
        names, share = [name for name in names if hash_of(name) <= least], (least + 1) / (1 << 64)
    return CommonValues(names, Samples(*(_rows(each, names) for each in counts)), share)


def _rows(counts: dict[str, int], names: list[str]) -> np.ndarray:
    return np.array([counts.get(name, 0) for name in names], np.int64)


def category_cells(reference: CategoryProfile, scored: CategoryProfile) -> Cells:
    """Return a cell for each common value, then a cell for each bucket of the other values."""
    common = common_values(reference, scored)
    names, samples = common.names, common.samples
    places = np.array([hash_of(name) % BUCKETS for name in names], int)
    others = [
        _buckets(profile) - np.bincount(places, rows, BUCKETS).astype(np.int64)
        for profile, rows in ((reference, samples.reference), (scored, samples.scored))
    ]
    rows = Samples(np.append(samples.reference, others[0]), np.append(samples.scored, others[1]))
    return Cells(rows, [*names, *["other values"] * BUCKETS], np.empty(0), np.empty(0))


def _buckets(profile: CategoryProfile) -> np.ndarray:
    return bucket_rows(profile.frequent) if profile.complete else np.array(profile.buckets, np.int64)


def category_bins(cells: Cells) -> Binned:
    """Return a bin for each cell with enough expected rows, and the others by their hashes in fewer bins."""
    expected = cells.samples.expected
    own = expected >= LEAST_EXPECTED
    count = BUCKETS
    while count > 1 and expected[~own].sum() < count * LEAST_EXPECTED:
        count //= 2
    buckets = np.array([*(hash_of(name) for name in cells.names[:-BUCKETS]), *range(BUCKETS)], np.uint64)
    of_cell = np.where(own, count + np.cumsum(own) - 1, (buckets % np.uint64(count)).astype(int))
    sparse = _joined_sparse(cells.samples.joined(of_cell).expected)
    of_cell = sparse[of_cell]
    return Binned(cells.samples.joined(of_cell), of_cell)


def _joined_sparse(expected: np.ndarray) -> np.ndarray:
    """Return a larger bin for each bin: the bins with too few expected rows are one, or join the smallest other bin."""
    few = expected < LEAST_EXPECTED
    larger = np.cumsum(~few) - 1
    enough = int((~few).sum())
    if expected[few].sum() >= LEAST_EXPECTED or not enough:
        larger[few] = enough
    else:
        larger[few] = larger[int(np.argmin(np.where(few, np.inf, expected)))]
    return larger
