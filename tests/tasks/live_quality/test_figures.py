"""Figures with their intervals."""

import numpy as np
import pytest

from tasks.live_quality.figures import with_intervals


def test_the_interval_has_the_percentiles_of_the_draws_and_the_expected_value() -> None:
    draws = np.arange(1001.0)
    found, beyond = (with_intervals({"mae": value}, {"mae": draws}, 0.9)["mae"] for value in (500.0, 2000.0))
    assert [found.value, found.low, found.high] == pytest.approx([500, 50, 950])
    assert [beyond.value, beyond.low, beyond.high] == pytest.approx([2000, 50, 2000])


def test_a_metric_that_is_undefined_in_many_draws_has_no_interval_and_in_few_has_one() -> None:
    draws = np.r_[np.full(20, np.nan), np.linspace(0, 1, 80)]
    found = with_intervals({"roc_auc": 0.5}, {"roc_auc": draws}, 0.95)["roc_auc"]
    assert (found.low, found.high, found.covers(0.5)) == (None, None, False)
    few = np.r_[np.nan, np.linspace(0, 1, 99)]
    assert with_intervals({"roc_auc": 0.5}, {"roc_auc": few}, 0.9)["roc_auc"].low == pytest.approx(0.05)


def test_a_metric_without_an_expected_value_is_left_out() -> None:
    assert with_intervals({"mape": np.nan}, {"mape": np.ones(5)}, 0.95) == {}
