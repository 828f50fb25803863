"""Aggregates of the earlier rows of a key. Pure functions of arrays, without a loop over rows.

The span of a row at the time t with the length d has the rows of its key with t - d <= time < t, as the rolling windows
of pandas with `closed="left"`. A sum is taken over blocks of 1, 2, 4, ... rows: its error grows with the logarithm of
their number, nothing is subtracted, and it depends only on the values in the span, not on other keys or rows.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
DAY = 86_400_000_000
"""Microseconds."""
_COMBINED: dict[str, np.ufunc] = {"mean": np.add, "sum": np.add, "min": np.minimum, "max": np.maximum}


@dataclass(frozen=True)
class Earlier:
    """m rows of a history, sorted by key, then time, then value."""

    keys: Integers
    """(m,) numbers of the keys, from 0."""
    times: Integers
    """(m,) microseconds."""
    values: Floats | None
    """(m,) values without missing ones; None for an aggregate without values."""

    @classmethod
    def sorted(cls, keys: Integers, times: Integers, values: Floats | None) -> "Earlier":
        """Return the rows of (m,) arrays in any order, without those whose value is NaN."""
        if values is not None:
            there = ~np.isnan(values)
            keys, times, values = keys[there], times[there], values[there]
        order = np.lexsort((times, keys) if values is None else (values, times, keys))
        return cls(keys[order], times[order], None if values is None else values[order])


def aggregated(kind: str, earlier: Earlier, keys: Integers, at: Integers, span: int | None) -> Floats:
    """Return an aggregate (`config.windows.Aggregate`) for n rows; NaN where no row is in the span, 0 for `count`.

    `keys` are the (n,) numbers of their keys, -1 for one that the history does not have, `at` their (n,) times, and
    `span` the length of the window; None for every earlier row. `last` is the value of the latest row; of several at
    its time, the greatest.
    """
    first, end = spans(earlier, keys, at, span)
    if kind == "count":
        return (end - first).astype(np.float64)
    if kind in _COMBINED:
        found = combined(_values(earlier), first, end, _COMBINED[kind])
        return found / np.maximum(end - first, 1) if kind == "mean" else found
    there = end > first
    found = np.full(len(at), np.nan)
    latest = end[there] - 1
    found[there] = _values(earlier)[latest] if kind == "last" else (at[there] - earlier.times[latest]) / DAY
    return found


def _values(earlier: Earlier) -> Floats:
    if earlier.values is None:
        raise ValueError("expected values to aggregate; found none")
    return earlier.values


def spans(earlier: Earlier, keys: Integers, at: Integers, span: int | None) -> tuple[Integers, Integers]:
    """Return the first place, and the place after the last one, of the history's rows in the spans of n rows."""
    distinct = np.unique(earlier.times)
    width = len(distinct) + 1
    places = earlier.keys * width + np.searchsorted(distinct, earlier.times)
    end = np.searchsorted(places, keys * width + np.searchsorted(distinct, at))
    begin = np.zeros_like(at) if span is None else np.searchsorted(distinct, at - span)
    first = np.searchsorted(places, keys * width + begin)
    known = keys >= 0
    return np.where(known, first, 0), np.where(known, end, 0)


def combined(values: Floats, first: Integers, end: Integers, combine: np.ufunc) -> Floats:
    """Combine `values[first:end]` for each of n ranges; NaN for an empty one.

    A range is cut into blocks by the binary digits of its length, the smallest block first.
    """
    length, place, found = end - first, first.copy(), np.full(len(first), np.nan)
    blocks, size = values, 1
    while size <= length.max(initial=0):
        taken = np.flatnonzero(length & size)
        added = blocks[place[taken]]
        found[taken] = np.where(np.isnan(found[taken]), added, combine(found[taken], added))
        place[taken] += size
        blocks = combine(blocks[:-size], blocks[size:])
        size *= 2
    return found
