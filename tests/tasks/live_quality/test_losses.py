"""The loss of quality."""

import pytest

from tasks.live_quality.losses import loss
from tests.tasks.live_quality.figures import figure


def test_a_lower_roc_auc_is_a_loss_and_its_interval_begins_at_the_better_end() -> None:
    found = loss([figure("measured", 0.7, low=0.65, high=0.75)], "roc_auc")
    assert found is not None
    assert [found.loss, found.low] == pytest.approx([0.1, 0.05])


def test_a_higher_error_is_a_loss() -> None:
    found = loss([figure("estimated", 3.0, metric="mae", reference=2.0, low=2.5, high=3.5)], "mae")
    assert found is not None
    assert (found.loss, found.low, found.kind) == (1.0, 0.5, "estimated")


def test_a_measurement_replaces_the_estimate_of_its_span_and_of_earlier_ones() -> None:
    figures = [figure("estimated", 0.5, 0), figure("estimated", 0.5, 1), figure("measured", 0.79, 1)]
    found = loss(figures, "roc_auc")
    assert found is not None
    assert found.kind == "measured"
    assert found.loss == pytest.approx(0.01)


def test_a_later_estimate_counts_beside_an_earlier_measurement() -> None:
    better = loss([figure("measured", 0.79, 0), figure("estimated", 0.5, 1)], "roc_auc")
    worse = loss([figure("measured", 0.6, 0), figure("estimated", 0.8, 1)], "roc_auc")
    assert better is not None and worse is not None
    assert (better.kind, worse.kind) == ("estimated", "measured")


def test_a_measurement_of_too_few_rows_is_not_counted() -> None:
    found = loss([figure("measured", 0.2, rows=5), figure("estimated", 0.75)], "roc_auc", minimum_rows=30)
    assert found is not None
    assert found.kind == "estimated"


def test_a_sure_loss_of_a_subgroup_comes_before_a_larger_one_that_may_be_chance() -> None:
    sure = figure("measured", 0.7, low=0.66, high=0.74, group="school=GP")
    found = loss([sure, figure("measured", 0.5, low=0.1, high=0.9, group="school=MS")], "roc_auc")
    assert found is not None
    assert found.group == "school=GP"


def test_other_metrics_other_versions_and_figures_without_a_reference_are_left_out() -> None:
    others = [figure("measured", 0.1, metric="f1"), figure("measured", 0.1, reference=None)]
    assert loss([*others, figure("measured", 0.1, version=2)], "roc_auc", version=3) is None
