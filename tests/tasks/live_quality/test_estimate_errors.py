"""Estimates beside the truth that came later."""

import pytest

from tasks.live_quality.estimate_errors import estimate_errors, mean_absolute_errors
from tests.tasks.live_quality.figures import figure


def test_an_estimate_is_compared_with_the_measurement_of_its_span_version_and_subgroup() -> None:
    figures = [
        figure("estimated", 0.75, 0, low=0.7, high=0.8),
        figure("measured", 0.72, 0),
        figure("estimated", 0.75, 1, low=0.74, high=0.76),
        figure("measured", 0.65, 1),
        figure("measured", 0.1, 0, version=2),
        figure("measured", 0.1, 0, group="school=GP"),
        figure("estimated", 0.9, 2),
    ]
    found = estimate_errors(figures)
    assert [each.error for each in found] == pytest.approx([0.03, 0.1])
    assert [each.within for each in found] == [True, False]
    assert list(mean_absolute_errors(found)) == ["roc_auc"]
    assert mean_absolute_errors(found)["roc_auc"] == pytest.approx((2, 0.065))
