"""Merges the profiles of a column of numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tasks.profiles import prefix_bins
from tasks.profiles.moments import merged_moments
from tasks.profiles.prefix_bins import STORED, PrefixBins, bins_of, histogram_of
from tasks.profiles.stored_profiles import Distribution, NumberProfile


@dataclass(frozen=True)
class NumberParts:
    """The figures of one column in n profiles: (n,) each. Moments are NaN where all values are missing."""

    known: np.ndarray
    """Whether a profile has bins: not where all values are missing, nor of version 1."""
    bins: PrefixBins
    """The bins of all profiles, in any order."""
    count: np.ndarray
    missing: np.ndarray
    distinct: np.ndarray
    minimum: np.ndarray
    maximum: np.ndarray
    mean: np.ndarray
    stddev: np.ndarray


def parts_of(columns: Sequence[NumberProfile]) -> NumberParts:
    """Return the figures of some profiles."""
    each = [column.distribution for column in columns]
    moments = (
        np.array([getattr(one, name) if one else np.nan for one in each])
        for name in ("minimum", "maximum", "mean", "stddev")
    )
    return NumberParts(
        np.array([bool(one and one.histogram) for one in each]),
        prefix_bins.together([bins_of(one.histogram) for one in each if one and one.histogram]),
        *(np.array([getattr(column, name) for column in columns]) for name in ("count", "missing", "distinct")),
        *moments,
    )


def merged_numbers(kind: Literal["integer", "number", "text"], parts: NumberParts) -> NumberProfile:
    """Return the profile of all rows."""
    present = ~np.isnan(parts.minimum)
    known = parts.known.any() and bool((parts.known | ~present).all())
    bins = prefix_bins.thinned(prefix_bins.joined(parts.bins), STORED) if known else None
    count, missing = int(parts.count.sum()), int(parts.missing.sum())
    return NumberProfile(
        type=kind,
        count=count,
        missing=missing,
        distinct=_distinct(kind, parts.distinct, count - missing, bins),
        distribution=_distribution(parts, present, bins) if present.any() else None,
    )


def _distinct(kind: str, distinct: np.ndarray, present: int, bins: PrefixBins | None) -> int:
    """Return the number of distinct numbers: of bins of one number exactly, else the least known upper bound."""
    if not present:
        return 0
    if bins is not None and not bins.level.any():
        return len(bins.low)
    most = [int(distinct.sum()), present]
    if bins is not None and kind != "number":
        low, high = bins.numbers()
        most.append(int(min(np.sum(np.floor(high) - np.ceil(low) + 1), present)))
    return max(min(most), int(distinct.max()))


def _distribution(parts: NumberParts, present: np.ndarray, bins: PrefixBins | None) -> Distribution:
    rows, means, stddevs = (each[present] for each in (parts.count - parts.missing, parts.mean, parts.stddev))
    _, mean, stddev = merged_moments(rows, means, stddevs)
    return Distribution(
        minimum=float(parts.minimum[present].min()),
        maximum=float(parts.maximum[present].max()),
        mean=mean,
        stddev=stddev,
        histogram=histogram_of(bins) if bins is not None else None,
    )
