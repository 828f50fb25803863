"""Intervals by the bootstrap, against scipy's and by their coverage."""

import time

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import mean_absolute_error, roc_auc_score

from tabular.evidence import intervals, resamples
from tabular.evidence.bootstrap import distribution
from tabular.weighted_metrics import weighted_metrics
from tests.scripts.evidence.judged_rows import answered, binary


def test_every_metric_has_an_interval_around_its_value() -> None:
    judged = answered(*binary(300))
    found = intervals.evidence(judged)
    assert found
    assert (found["level"], found["resamples"], found["stratified"]) == (0.95, 1000, False)
    assert found["metrics"].keys() == judged.scores.keys()
    for name, (low, high) in found["metrics"].items():
        assert low < judged.scores[name] < high


@pytest.mark.parametrize(("rows", "name"), [(150, "roc_auc"), (150, "log_loss"), (150, "f1")])
def test_the_interval_is_that_of_scipy(rows: int, name: str) -> None:
    truth, output = binary(rows)

    def value(places: np.ndarray) -> float:
        return answered(truth[places], output[places]).scores[name]

    expected = stats.bootstrap(
        (np.arange(rows),), value, n_resamples=1000, vectorized=False, method="BCa", rng=np.random.default_rng(5)
    ).confidence_interval
    found = intervals.evidence(answered(truth, output))
    assert found
    width = expected.high - expected.low
    assert found["metrics"][name] == pytest.approx(list(expected), abs=0.08 * width)  # both are of random resamples


def test_the_value_of_a_resample_is_that_of_its_rows() -> None:
    truth, output = binary(80)
    (weights,) = resamples.resamples(truth, 2, 50)
    found = weighted_metrics("binary", truth, output).of(weights)["roc_auc"]
    for times, value in zip(weights, found, strict=True):
        places = np.repeat(np.arange(80), times)
        assert len(places) == 80
        assert value == pytest.approx(roc_auc_score(truth[places], output[places, 1]), abs=1e-12)
    numbers = output[:, 1] * 10
    errors = weighted_metrics("regression", truth * 10.0, numbers).of(weights)["mae"]
    places = np.repeat(np.arange(80), weights[0])
    assert errors[0] == pytest.approx(mean_absolute_error(truth[places] * 10.0, numbers[places]), rel=1e-12)


@pytest.mark.parametrize(("share", "shift"), [(0.4, 1.2), (0.1, 2.0)])
def test_nineteen_intervals_in_twenty_have_the_true_value(share: float, shift: float) -> None:
    whole = answered(*binary(200_000, shift, seed=99, share=share)).scores
    covered = dict.fromkeys(("accuracy", "roc_auc", "log_loss", "brier"), 0)
    for seed in range(200):
        judged = answered(*binary(200, shift, seed, share), intervals={"resamples": 300, "level": 0.95})
        found = intervals.evidence(judged)
        assert found
        for name in covered:
            low, high = found["metrics"][name]
            covered[name] += low <= whole[name] <= high
    assert min(covered.values()) >= 0.89 * 200  # of a share of 0.95, fewer than 178 of 200 are one in 4,000
    assert max(covered.values()) <= 199


def test_resamples_keep_the_rows_of_a_rare_class() -> None:
    truth = np.r_[np.zeros(200, int), np.ones(3, int)]
    weights = np.concatenate(list(resamples.resamples(truth, 2, 400)))
    assert (weights[:, 200:].sum(axis=1) == 3).all()
    assert (weights[:, :200].sum(axis=1) == 200).all()
    output = binary(203)[1]
    found = intervals.evidence(answered(truth, output))
    assert found
    assert found["stratified"]
    assert "roc_auc" in found["metrics"]
    assert not resamples.is_stratified(np.r_[np.zeros(200, int), np.ones(5, int)], 2)


def test_a_metric_that_is_undefined_has_no_interval() -> None:
    truth = np.zeros(50, int)
    found = intervals.evidence(answered(truth, binary(50)[1]))
    assert found
    assert "accuracy" in found["metrics"]
    assert not {"roc_auc", "pr_auc"} & found["metrics"].keys()


def test_a_figure_that_is_the_same_on_every_resample_has_an_interval_of_one_value() -> None:
    truth = np.r_[np.zeros(30, int), np.ones(30, int)]
    found = intervals.evidence(answered(truth, np.eye(2)[truth]))
    assert found
    assert found["metrics"]["accuracy"] == [1.0, 1.0]


def test_equal_rows_give_equal_intervals_and_without_the_key_there_is_none() -> None:
    truth, output = binary(100)
    assert intervals.evidence(answered(truth, output)) == intervals.evidence(answered(truth, output))
    assert intervals.evidence(answered(truth, output, intervals=None)) is None


def test_of_many_rows_there_are_fewer_resamples() -> None:
    assert resamples.count_for(600, 1000) == resamples.count_for(100_000, 1000) == 1000
    assert resamples.count_for(250_000, 1000) == 400
    assert resamples.count_for(10_000_000, 1000) == resamples.LEAST


def test_a_thousand_resamples_of_six_hundred_rows_take_less_than_a_second() -> None:
    judged = answered(*binary(600))
    began = time.process_time()
    assert distribution(judged)
    assert time.process_time() - began < 1
