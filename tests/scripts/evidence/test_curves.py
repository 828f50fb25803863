"""Calibration and the curves over all thresholds."""

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve
from sklearn.metrics import auc, confusion_matrix, precision_recall_curve, roc_curve

from tabular.evidence import calibration, curves, points
from tabular.evidence.thresholds import CURVE_POINTS, Above
from tests.scripts.evidence.judged_rows import answered, binary


def test_the_roc_curve_has_the_points_of_scikit_learn() -> None:
    truth, output = binary(300)
    positive = output[:, 1].round(2)  # with equal probabilities
    found = Above.of(positive, truth == 1)
    fpr, tpr, _ = roc_curve(truth, positive, drop_intermediate=False)
    assert found.others / found.others[-1] == pytest.approx(fpr)
    assert found.hits / found.hits[-1] == pytest.approx(tpr)


def test_precision_and_recall_are_those_of_scikit_learn() -> None:
    truth, output = binary(150)
    found = curves.evidence(answered(truth, output))
    assert found
    precision, recall, _ = precision_recall_curve(truth, output[:, 1])
    curve = found["precision_recall"]["yes"]
    assert curve["precision"] == pytest.approx(precision[-2::-1])
    assert curve["recall"] == pytest.approx(recall[-2::-1])
    assert found["base"]["yes"] == truth.mean()


def test_the_gain_of_a_perfect_model_finds_every_row_of_the_class_first() -> None:
    truth = np.r_[np.ones(25, int), np.zeros(75, int)]
    found = curves.evidence(answered(truth, np.eye(2)[truth]))
    assert found
    assert found["gain"]["yes"] == {"share": [0.0, 0.25, 1.0], "gain": [0.0, 1.0, 1.0]}
    assert found["lift"]["yes"] == {"share": [0.25, 1.0], "lift": [4.0, 1.0]}


def test_curves_are_thinned_and_keep_their_ends() -> None:
    found = curves.evidence(answered(*binary(5_000)))
    assert found
    gain = found["gain"]["yes"]
    assert len(gain["share"]) == CURVE_POINTS
    assert (gain["share"][0], gain["share"][-1], gain["gain"][-1]) == (0, 1, 1)
    assert auc(gain["share"], gain["gain"]) > 0.6


def test_more_classes_have_a_curve_each_except_one_without_rows() -> None:
    truth = np.r_[np.zeros(40, int), np.ones(40, int)]
    output = np.random.default_rng(1).dirichlet(np.ones(3), 80)
    found = curves.evidence(answered(truth, output))
    assert found
    assert list(found["gain"]) == list(points.points(answered(truth, output))["roc"]) == ["no", "yes"]


def test_calibration_has_the_bins_of_scikit_learn() -> None:
    truth, output = binary(500)
    share, probability = calibration_curve(truth, output[:, 1], n_bins=10, strategy="quantile")
    found = calibration.evidence(answered(truth, output))
    assert found
    bins = found["yes"]
    assert bins["share"] == pytest.approx(share)
    assert bins["probability"] == pytest.approx(probability)
    assert sum(bins["rows"]) == 500
    distances = np.abs(share - probability) * np.array(bins["rows"])
    assert bins["error"] == pytest.approx(distances.sum() / 500)


def test_the_intervals_of_the_shares_are_those_of_wilson() -> None:
    low, high = calibration.wilson(np.array([0.0, 0.3]), np.array([10, 40]))
    expected = [binomtest(count, rows).proportion_ci(method="wilson") for count, rows in ((0, 10), (12, 40))]
    assert list(zip(low, high, strict=True)) == [pytest.approx(tuple(each), abs=1e-12) for each in expected]


def test_a_model_that_is_too_sure_has_a_calibration_error() -> None:
    truth, output = binary(4_000)
    surer = output**3 / (output**3).sum(axis=1, keepdims=True)
    calibrated, sure = (calibration.evidence(answered(truth, each)) for each in (output, surer))
    assert calibrated
    assert sure
    assert calibrated["yes"]["error"] < 0.03 < 0.1 < sure["yes"]["error"]


def test_few_rows_and_equal_probabilities_have_fewer_bins() -> None:
    truth, output = binary(25)
    found = calibration.evidence(answered(truth, output))
    assert found
    assert len(found["yes"]["rows"]) == 2
    same = calibration.evidence(answered(truth, np.full((25, 2), 0.5)))
    assert same
    assert same["yes"]["rows"] == [25]


def test_the_confusion_matrix_is_of_the_decided_classes() -> None:
    truth, output = binary(200)
    found = points.points(answered(truth, output, threshold=0.2))
    assert found["confusion"] == confusion_matrix(truth, output[:, 1] > 0.2).tolist()
    assert found["threshold"] == 0.2


def test_a_regression_has_no_curves_and_its_points() -> None:
    judged = answered(np.arange(3000.0), np.arange(3000.0) + 1, primary="rmse")
    assert curves.evidence(judged) is calibration.evidence(judged) is None
    found = points.points(judged)
    assert len(found["truth"]) == len(found["predicted"]) == points.SHOWN_ROWS
