"""Profiles of parts, merged, compared with the profile of all rows."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.profiles.merging import merged
from tasks.profiles.stored_profiles import CategoryProfile, NumberProfile, Profile
from tests.tasks.profiles.profile_support import categories, numbers

SOME = settings(max_examples=25, deadline=None)
NUMBERS = st.lists(
    st.floats(allow_subnormal=False, width=32) | st.sampled_from([0.0, -0.0, 1.5, 1e300, -1e300, 5e-324]), max_size=30
)
Column = TypeVar("Column", NumberProfile, CategoryProfile)
WORDS = st.lists(st.none() | st.sampled_from(list("abcdé")) | st.text(max_size=3), max_size=30)


def one_column(columns: Sequence[Column]) -> Column:
    found = merged([Profile(rows=each.count, columns={"x": each}) for each in columns]).columns["x"]
    assert isinstance(found, type(columns[0]))
    return found


def check_numbers(found: NumberProfile, expected: NumberProfile, values: np.ndarray) -> None:
    """Every figure is exact, and each bin has the rows that are within its bounds."""
    assert (found.count, found.missing) == (expected.count, expected.missing)
    if not expected.distribution:
        assert found.distribution is None
        return
    one, other = found.distribution, expected.distribution
    assert one
    assert (one.minimum, one.maximum) == (other.minimum, other.maximum)
    scale = max(abs(one.minimum), abs(one.maximum), 1e-300)
    assert one.mean / scale == pytest.approx(other.mean / scale, abs=1e-12)
    present = np.sort(values[np.isfinite(values)])
    assert one.stddev / scale == pytest.approx(np.std(present / scale, ddof=int(len(present) > 1)), rel=1e-6, abs=1e-12)
    histogram = one.histogram
    assert histogram
    within = np.searchsorted(present, histogram.high, "right") - np.searchsorted(present, histogram.low, "left")
    assert within.tolist() == list(histogram.rows)
    assert sum(histogram.rows) == len(present)


@SOME
@given(st.lists(NUMBERS, min_size=1, max_size=4))
def test_numbers_of_parts_are_the_numbers_of_all_rows(parts: list[list[float]]) -> None:
    values = np.array([value for part in parts for value in part], np.float64)
    profiles = [numbers(pa.array(part, pa.float64())) for part in parts]
    expected, found = numbers(pa.array(values)), one_column(profiles)
    check_numbers(found, expected, values)
    assert one_column(profiles[::-1]) == found
    assert found == expected.model_copy(update={"distribution": found.distribution})
    if found.distribution and expected.distribution:  # few numbers: a bin each
        assert found.distribution.histogram == expected.distribution.histogram


@pytest.mark.parametrize("shift", [0.0, 3.0, 1e9])
def test_many_numbers_of_parts_have_exact_rows_in_their_bins(shift: float) -> None:
    draws = np.random.default_rng(7)
    parts = [draws.normal(place * shift, 1, rows) for place, rows in enumerate((30_000, 500, 40))]
    profiles = [numbers(part, 50_000) for part in parts]
    found = one_column(profiles)
    check_numbers(found, numbers(np.concatenate(parts), 50_000), np.concatenate(parts))
    assert one_column([profiles[2], profiles[0], profiles[1]]) == found
    assert found.distribution
    assert found.distribution.histogram
    assert max(found.distribution.histogram.rows) < 0.02 * found.count


def test_a_merge_of_one_profile_is_that_profile() -> None:
    column = numbers(np.random.default_rng(7).lognormal(0, 3, 20_000), 50_000)
    assert one_column([column]) == column


@SOME
@given(st.lists(WORDS, min_size=1, max_size=4))
def test_categories_of_parts_are_the_categories_of_all_rows(parts: list[list[str | None]]) -> None:
    expected = categories([value for part in parts for value in part])
    assert one_column([categories(part) for part in parts]) == expected


@pytest.mark.parametrize("sizes", [(9_000, 9_000), (9_000, 40), (1_990, 2_990)])
def test_the_sample_of_many_categories_is_that_of_all_rows(sizes: tuple[int, int]) -> None:
    draws = np.random.default_rng(7)
    parts = [
        [f"{place % 2 and 'x'}{value}" for value in draws.permutation(most)[: most - 9]]
        for place, most in enumerate(sizes)
    ]
    expected, found = categories(parts[0] + parts[1]), one_column([categories(part) for part in parts])
    assert not found.complete
    assert (found.sample, found.buckets, found.count) == (expected.sample, expected.buckets, expected.count)
    assert found.distinct == pytest.approx(len({*parts[0], *parts[1]}), rel=0.08)
    assert one_column([categories(part) for part in parts[::-1]]) == found


def test_what_a_profile_of_version_1_lacks_its_merge_lacks() -> None:
    old = NumberProfile.model_validate({
        "type": "number", "count": 9, "missing": 1, "distinct": 5,
        "distribution": {"minimum": 0, "maximum": 2, "mean": 1, "stddev": 0.5},
    })  # fmt: skip
    found = one_column([old, numbers([1.0, 4.0])])
    assert found.distribution
    assert (found.distribution.maximum, found.distribution.histogram) == (4, None)
    many = CategoryProfile(count=9, missing=0, distinct=9, frequent={"a": 2}, complete=False)
    assert one_column([many, categories(["a"])]).frequent == {"a": 3}


def test_profiles_of_other_columns_are_not_merged() -> None:
    one, other = (Profile(rows=1, columns={"x": column}) for column in (numbers([1.0]), categories(["a"])))
    with pytest.raises(ValueError, match=r"number 2 differ in x \(category\), x \(number\)"):
        merged([one, other])
    with pytest.raises(ValueError, match="at least one profile"):
        merged([])
