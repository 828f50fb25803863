"""Means and standard deviations, of rows and of parts."""

import numpy as np
import pytest

from tasks.profiles.moments import NOTHING, Moments, merged_moments, moments_of


def of_parts(*parts: list[float]) -> Moments:
    return merged_moments(*map(np.array, zip(*(moments_of(np.sort(np.array(part))) for part in parts), strict=True)))


def test_parts_have_the_moments_of_all_their_rows_in_any_order() -> None:
    parts = [[1.0, 2.0, 4.0], [100.0], [-3.0, 7.5]]
    rows = np.concatenate(parts)
    found = of_parts(*parts)
    assert found == pytest.approx((6, rows.mean(), rows.std(ddof=1)))
    assert of_parts(*parts[::-1]) == found


def test_one_row_has_no_deviation_and_no_rows_have_no_moments() -> None:
    assert moments_of(np.array([3.0])) == (1, 3, 0)
    empty = np.zeros(2)
    assert merged_moments(empty.astype(int), empty, empty) == NOTHING


def test_a_part_without_rows_changes_nothing() -> None:
    rows, means, stddevs = np.array([0, 3]), np.array([np.nan, 2.5]), np.array([np.nan, 0.5])
    assert merged_moments(rows, means, stddevs) == (3, 2.5, 0.5)


@pytest.mark.parametrize("size", [1e-200, 1e-320, 1e300])
def test_squares_of_tiny_and_huge_numbers_neither_vanish_nor_overflow(size: float) -> None:
    found = moments_of(np.array([-size, size]))
    assert found.mean == 0
    assert found.stddev / size == pytest.approx(2**0.5, rel=1e-3)
    assert of_parts([-size], [size]).stddev / size == pytest.approx(2**0.5, rel=1e-3)


def test_a_small_deviation_of_large_numbers_stays() -> None:
    assert of_parts([1e9, 1e9 + 1], [1e9 + 2, 1e9 + 3]).stddev == pytest.approx(np.std(range(4), ddof=1), rel=1e-6)
