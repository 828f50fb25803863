"""Profiles of a column of numbers, merged from their documents."""

from typing import Literal

import numpy as np
import pytest

from tasks.profiles.number_merging import merged_numbers, parts_of
from tasks.profiles.stored_profiles import Distribution, Histogram, NumberProfile

Kind = Literal["integer", "number", "text"]


def column(*values: float, missing: int = 0, kind: Kind = "integer", bins: bool = True) -> NumberProfile:
    """The profile of a column with these numbers."""
    low, rows = np.unique(values, return_counts=True)
    histogram = Histogram(low=tuple(low.tolist()), high=tuple(low.tolist()), rows=tuple(rows.tolist()))
    stddev = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    distribution = Distribution(
        minimum=min(values), maximum=max(values), mean=float(np.mean(values)), stddev=stddev,
        histogram=histogram if bins else None,
    ) if values else None  # fmt: skip
    return NumberProfile(
        type=kind, count=len(values) + missing, missing=missing, distinct=len(low), distribution=distribution
    )


def wide(distinct: int, low: float, high: float, kind: Kind = "integer", rows: int = 100) -> NumberProfile:
    """The profile of a column with one bin of many numbers."""
    bins = Histogram(low=(low,), high=(high,), rows=(rows,))
    distribution = Distribution(minimum=low, maximum=high, mean=low, stddev=1, histogram=bins)
    return NumberProfile(type=kind, count=rows, missing=0, distinct=distinct, distribution=distribution)


def merged(*columns: NumberProfile) -> NumberProfile:
    return merged_numbers(columns[0].type, parts_of(columns))


def test_numbers_are_added_and_missing_ones_counted() -> None:
    found = merged(column(1, 2, 2, missing=1), column(missing=4), column(2, 7))
    expected = column(1, 2, 2, 2, 7, missing=5)
    assert found.distribution
    assert expected.distribution
    assert found.distribution.stddev == pytest.approx(expected.distribution.stddev)
    same = found.distribution.model_copy(update={"stddev": expected.distribution.stddev})
    assert found.model_copy(update={"distribution": same}) == expected


def test_columns_without_a_number_have_none_together() -> None:
    assert merged(column(missing=2), column(missing=3)) == column(missing=5)


def test_a_part_without_bins_leaves_none_and_the_other_figures_stay() -> None:
    found = merged(column(1, 5, bins=False), column(3, 3))
    assert found.distribution
    assert (found.distribution.histogram, found.distribution.minimum, found.distribution.maximum) == (None, 1, 5)
    assert (found.distribution.mean, found.count, found.distinct) == (3, 4, 3)


@pytest.mark.parametrize(
    ("parts", "distinct"),
    [
        ([wide(30, 1024, 2047), wide(50, 4096, 8191)], 80),  # no number is in both
        ([wide(90, 64, 127, "number"), wide(60, 64, 127, "number", rows=45)], 145),  # no more than rows
        ([wide(90, 64, 127), wide(90, 64, 127)], 90),  # no fewer than one part has
        ([wide(60, 64, 127), wide(50, 64, 127)], 64),  # no more than whole numbers in the bin
        ([wide(60, 64, 127, "number"), wide(50, 64, 127, "number")], 110),  # numbers have fractions
    ],
)  # fmt: skip
def test_distinct_numbers_are_bounded_by_what_is_known(parts: list[NumberProfile], distinct: int) -> None:
    assert merged(*parts).distinct == distinct


def test_bins_that_contain_each_other_are_one() -> None:
    found = merged(wide(30, 1024, 2047), column(1500, 3000))
    assert found.distribution
    assert found.distribution.histogram == Histogram(low=(1024, 3000), high=(2047.9999999999998, 3000), rows=(101, 1))
