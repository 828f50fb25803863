"""What is calibrated follows the use case's rules and the model's task."""

import numpy as np
import pytest

from tabular.calibration import conformal, threshold
from tabular.calibration.fitting import calibrate
from tests.scripts.models import contract

TRUTH = np.array([0, 0, 0, 1, 1, 0, 1, 1])
POSITIVE = np.array([0.1, 0.2, 0.3, 0.35, 0.4, 0.6, 0.7, 0.9])
OUTPUT = np.column_stack([1 - POSITIVE, POSITIVE])
COSTS = {"false_positive": 1.0, "false_negative": 4.0}


def test_without_rules_only_the_rows_are_counted() -> None:
    found = calibrate(contract("xgboost"), {}, TRUTH, OUTPUT)
    assert (found.rows, found.threshold, found.conformal) == (8, None, None)


def test_costs_choose_a_threshold_by_the_probability_of_the_second_class() -> None:
    found = calibrate(contract("xgboost"), {"costs": COSTS}, TRUTH, OUTPUT).threshold
    assert found == threshold.choose(TRUTH, POSITIVE, COSTS)
    assert found == pytest.approx(0.325)  # the middle between the last `no` and the first `yes` that costs 4


def test_a_coverage_fits_sets_for_classes_and_an_interval_for_a_number() -> None:
    rules = {"prediction_sets": {"coverage": 0.5}}
    sets = calibrate(contract("xgboost"), rules, TRUTH, OUTPUT)
    assert sets.conformal == conformal.fit(contract("xgboost"), TRUTH, OUTPUT, 0.5)
    assert sets.threshold is None
    truth, output = np.array([1.0, 2.0, 3.0]), np.array([1.5, 2.0, 5.0])
    interval = calibrate(contract("ridge"), {**rules, "costs": COSTS}, truth, output)
    assert interval.conformal
    assert interval.conformal["half_width"] == 0.5
    assert interval.threshold is None, "a number has no threshold"
