import numpy as np
import pytest

from tabular.evidence.sampled_rows import sampled
from tabular.evidence.statistic import Statistic

RANDOM = np.random.default_rng(2)
MEANS = RANDOM.normal(10, 2, 4_000)


def test_without_bias_the_interval_is_that_of_the_percentiles() -> None:
    found = Statistic(float(np.median(MEANS)), MEANS, np.linspace(9, 11, 100)).interval(0.9)
    assert found == pytest.approx(tuple(np.quantile(MEANS, [0.05, 0.95])), abs=0.05)


def test_a_biased_figure_has_a_corrected_interval() -> None:
    plain = Statistic(11.0, MEANS).interval(0.9)
    corrected = Statistic(11.0, MEANS, np.linspace(9, 11, 100)).interval(0.9)
    assert plain
    assert corrected
    twice = 2 * 1.0  # the value is 1 above the median of the resamples
    assert corrected == pytest.approx((plain[0] + twice, plain[1] + twice), abs=0.5)


def test_a_figure_that_is_often_undefined_has_no_interval() -> None:
    some, many = MEANS.copy(), MEANS.copy()
    some[:40], many[:41] = np.nan, np.nan
    assert Statistic(10.0, some).interval(0.9)
    assert Statistic(10.0, many).interval(0.9) is None
    assert Statistic(float("nan"), MEANS).interval(0.9) is None


def test_a_difference_is_that_of_each_pair() -> None:
    one = Statistic(3.0, np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    other = Statistic(1.0, np.array([0.5, 3.0]))
    found = one.better_than(other, -1)
    assert (found.value, found.resampled.tolist(), found.left_out) == (-2.0, [-0.5, 1.0], None)


def test_a_sample_is_of_different_rows_in_order_and_the_same_every_time() -> None:
    found = sampled(1_000, 50)
    assert len(np.unique(found)) == 50
    assert (np.diff(found) > 0).all()
    assert np.array_equal(found, sampled(1_000, 50))
    assert sampled(30, 50).tolist() == list(range(30))


def test_values_beyond_the_square_root_of_the_largest_float_have_an_interval() -> None:
    values = 1e200 * np.arange(1.0, 41)
    resampled = 1e200 * np.linspace(15, 26, 200)
    left_out = (values.sum() - values) / 39
    low, high = Statistic(float(values.mean()), resampled, left_out).interval(0.95) or (0.0, 0.0)
    assert 1e200 * 15 <= low < high <= 1e200 * 26
