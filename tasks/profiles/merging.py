"""One profile of the rows of several profiles. The result does not depend on the order of the profiles."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from tasks.profiles import prefix_bins
from tasks.profiles.category_merging import merged_categories
from tasks.profiles.moments import Moments, merged_moments
from tasks.profiles.prefix_bins import STORED, PrefixBins, bins_of, histogram_of
from tasks.profiles.stored_profiles import (
    CategoryProfile,
    ColumnProfile,
    Distribution,
    NumberProfile,
    Profile,
)


def merged(profiles: Sequence[Profile]) -> Profile:
    """Return the profile of all rows of some profiles.

    Rows, missing values, least and greatest numbers, means, standard deviations and the rows of bins and categories are
    exact. Bins are the smallest unions of bins of each profile. `distinct` is exact of at most 1,024 numbers and 2,000
    categories; of more numbers it is an upper bound, of more categories an estimate to about 2 %.

    Raises ValueError without a profile, and when the profiles have other columns, or another type of a column.
    """
    if not profiles:
        raise ValueError("expected at least one profile to merge, found none")
    _check_columns([{name: column.type for name, column in each.columns.items()} for each in profiles])
    columns = {name: merged_columns([each.columns[name] for each in profiles]) for name in profiles[0].columns}
    return Profile(rows=sum(each.rows for each in profiles), columns=columns)


def _check_columns(columns: Sequence[dict[str, Any]]) -> None:
    for place, each in enumerate(columns):
        if each != columns[0]:
            other = sorted(set(each.items()) ^ set(columns[0].items()))
            raise ValueError(
                "expected profiles of the same columns to merge; the first one and number "
                f"{place + 1} differ in {', '.join(f'{name} ({kind})' for name, kind in other)}"
            )


def merged_columns(columns: Sequence[ColumnProfile]) -> ColumnProfile:
    """Return the profile of all rows of a column. The profiles have one type."""
    first = columns[0]
    if isinstance(first, CategoryProfile):
        return merged_categories([each for each in columns if isinstance(each, CategoryProfile)])
    return _merged_numbers(first, [each for each in columns if isinstance(each, NumberProfile)])


def _merged_numbers(first: NumberProfile, columns: Sequence[NumberProfile]) -> NumberProfile:
    parts = [each for each in columns if each.distribution]
    histograms = [each.distribution.histogram for each in parts if each.distribution]
    known = [each for each in histograms if each]
    bins = merged_bins([bins_of(each) for each in known]) if known and len(known) == len(parts) else None
    count, missing = (sum(getattr(each, name) for each in columns) for name in ("count", "missing"))
    return NumberProfile(
        type=first.type,
        count=count,
        missing=missing,
        distinct=merged_distinct(first.type, [each.distinct for each in columns], count - missing, bins),
        distribution=_merged_distribution(parts, bins),
    )


def merged_bins(parts: Sequence[PrefixBins]) -> PrefixBins:
    """Return the bins of all rows, as many as a profile has."""
    return prefix_bins.thinned(prefix_bins.joined(parts), STORED)


def merged_distinct(kind: str, distinct: Sequence[int], present: int, bins: PrefixBins | None) -> int:
    """Return the number of distinct numbers: of bins of one number exactly, else the least known upper bound."""
    if not present:
        return 0
    if bins is not None and not bins.level.any():
        return len(bins.low)
    most = [sum(distinct), present]
    if bins is not None and kind != "number":
        low, high = bins.numbers()
        most.append(int(np.minimum(np.sum(np.floor(high) - np.ceil(low) + 1), present)))
    return max(min(most), *distinct)


def _merged_distribution(parts: Sequence[NumberProfile], bins: PrefixBins | None) -> Distribution | None:
    if not parts:
        return None
    each = [part.distribution for part in parts if part.distribution]
    _, mean, stddev = merged_moments(
        Moments(part.count - part.missing, one.mean, one.stddev) for part, one in zip(parts, each, strict=True)
    )
    return Distribution(
        minimum=min(one.minimum for one in each),
        maximum=max(one.maximum for one in each),
        mean=mean,
        stddev=stddev,
        histogram=histogram_of(bins) if bins is not None else None,
    )
