"""The paired bootstrap of challenger and champion."""

from typing import Any

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from tabular.evidence import comparison
from tests.scripts.evidence.judged_rows import answered, binary


def noisier(output: np.ndarray, by: float) -> np.ndarray:
    """The same probabilities with noise."""
    positive = np.clip(output[:, 1] + np.random.default_rng(8).normal(0, by, len(output)), 0.01, 0.99)
    return np.column_stack([1 - positive, positive])


def compared(**changes: Any) -> dict[str, Any]:
    truth, output = binary(400)
    found = comparison.evidence(answered(truth, output, noisier(output, 0.3), **changes))
    assert found
    return found


def test_the_difference_and_its_interval_are_those_of_the_pairs() -> None:
    truth, output = binary(400)
    other = noisier(output, 0.3)

    def difference(places: np.ndarray) -> float:
        ours, theirs = (roc_auc_score(truth[places], each[places, 1]) for each in (output, other))
        return float(ours - theirs)

    every = np.arange(400)
    settings = {"n_resamples": 400, "vectorized": False, "method": "percentile", "rng": np.random.default_rng(3)}
    found, limits = compared(), stats.bootstrap((every,), difference, **settings).confidence_interval
    assert found["difference"] == pytest.approx(difference(every), abs=1e-12)
    assert (found["low"], found["high"]) == pytest.approx(tuple(limits), abs=0.15 * (limits.high - limits.low))
    assert found["metric"] == "roc_auc"
    assert found["confidence_better"] > 0.99


def test_the_confidence_is_of_a_difference_above_the_improvement() -> None:
    exact = compared()
    half = compared(improvement=exact["difference"])
    assert half["confidence_better"] == pytest.approx(0.5, abs=0.1)
    assert half["improvement"] == exact["difference"]
    assert compared(improvement=0.5)["confidence_better"] == 0


def test_pairs_are_surer_than_the_models_apart() -> None:
    truth, output = binary(400)
    found = comparison.evidence(answered(truth, output, noisier(output, 0.05)))
    assert found
    from tabular.evidence import intervals

    alone = intervals.evidence(answered(truth, output))
    assert alone
    low, high = alone["metrics"]["roc_auc"]
    assert found["high"] - found["low"] < (high - low) / 3


def test_of_an_error_a_lower_value_is_better() -> None:
    truth = np.linspace(1, 2, 100)
    random = np.random.default_rng(1)
    good, bad = truth + random.normal(0, 0.1, 100), truth + random.normal(0, 0.5, 100)
    found = comparison.evidence(answered(truth, good, bad, primary="rmse"))
    assert found
    assert found["difference"] > 0
    assert found["confidence_better"] == 1
    worse = comparison.evidence(answered(truth, bad, good, primary="rmse"))
    assert worse
    assert worse["difference"] == -found["difference"]
    assert worse["confidence_better"] == 0


def test_the_same_model_is_not_better_than_itself() -> None:
    truth, output = binary(100)
    found = comparison.evidence(answered(truth, output, output.copy()))
    assert found
    assert (found["difference"], found["low"], found["high"], found["confidence_better"]) == (0, 0, 0, 0)


def test_without_a_champion_or_a_defined_metric_there_is_no_comparison() -> None:
    truth, output = binary(100)
    assert comparison.evidence(answered(truth, output)) is None
    assert comparison.evidence(answered(np.zeros(100, int), output, output)) is None
