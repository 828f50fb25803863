from typing import Any, get_args

import pytest
from pydantic import ValidationError

from config.candidates import ALGORITHMS, ERRORS, METRICS, Candidate, Evaluation, Gate, Metric
from config.recommendation import RECOMMENDATION_METRICS
from tabular.metrics import LOWER_IS_BETTER

MOST_DEFINITIONS = 40
"""MetricDefinitions of a training job (SageMaker API Reference, AlgorithmSpecification)."""


@pytest.mark.parametrize(
    ("gate", "value", "passes"),
    [
        ({"metric": "f1", "at_least": 0.5}, 0.5, True), ({"metric": "f1", "at_least": 0.5}, 0.4999, False),
        ({"metric": "rmse", "at_most": 3}, 3.0, True), ({"metric": "rmse", "at_most": 3}, 3.001, False),
        ({"metric": "mae", "at_most": 0}, 0.0, True), ({"metric": "r2", "at_least": -1}, -0.5, True),
        ({"metric": "f1", "at_least": 0.0}, float("nan"), False),
        ({"metric": "mae", "at_most": 1}, float("nan"), False),
    ],
)  # fmt: skip
def test_a_value_at_the_bound_passes_and_one_beyond_does_not(gate: dict[str, Any], value: float, passes: bool) -> None:
    assert Gate.model_validate(gate).passes(value) is passes


@pytest.mark.parametrize(("bounds", "found"), [({}, "neither"), ({"at_least": 0.1, "at_most": 0.2}, "both")])
def test_a_gate_has_one_bound(bounds: dict[str, float], found: str) -> None:
    with pytest.raises(ValidationError, match=f"expected either at_least or at_most; found {found}"):
        Gate.model_validate({"metric": "f1", **bounds})


def test_a_bound_that_no_share_can_reach_is_refused_and_that_of_an_error_is_not() -> None:
    with pytest.raises(ValidationError, match="expected a bound of at most 1, the maximum of f1; found 60"):
        Gate.model_validate({"metric": "f1", "at_least": 60})
    assert Gate.model_validate({"metric": "rmse", "at_most": 60}).passes(59)


def test_a_gate_is_shown_as_a_person_writes_it() -> None:
    assert str(Gate(metric="f1", at_least=0.5)) == "f1 ≥ 0.5"
    assert str(Gate(metric="rmse", at_most=12)) == "rmse ≤ 12"


@pytest.mark.parametrize("name", ["A", "1a", "a_b", "a" * 15, ""])
def test_a_candidate_s_name_fits_the_name_of_a_job(name: str) -> None:
    with pytest.raises(ValidationError):
        Candidate.model_validate({"name": name, "algorithm": "ridge"})
    assert Candidate.model_validate({"name": "a-1", "algorithm": "ridge"}).hyperparameters == {}


def test_an_evaluation_needs_a_gate_and_no_negative_improvement() -> None:
    with pytest.raises(ValidationError, match="gates"):
        Evaluation.model_validate({"primary": "f1", "gates": []})
    gates = [{"metric": "f1", "at_least": 0.5}]
    with pytest.raises(ValidationError, match="improvement"):
        Evaluation.model_validate({"primary": "f1", "gates": gates, "improvement": -0.1})
    assert Evaluation.model_validate({"primary": "f1", "gates": gates}).improvement == 0


def test_every_task_has_metrics_and_algorithms() -> None:
    assert METRICS.keys() == ALGORITHMS.keys() == {"binary", "multiclass", "regression"}
    assert set(get_args(Metric)) == {metric for metrics in METRICS.values() for metric in metrics} > LOWER_IS_BETTER
    assert set(RECOMMENDATION_METRICS) >= ERRORS - LOWER_IS_BETTER


def test_the_metrics_of_both_channels_are_no_more_than_a_training_job_takes() -> None:
    assert all(2 * len(metrics) <= MOST_DEFINITIONS for metrics in METRICS.values())


@pytest.mark.parametrize("confidence", [0.5, 1.0, 90])
def test_a_confidence_is_a_share_above_one_half(confidence: float) -> None:
    gates = [{"metric": "f1", "at_least": 0.5}]
    with pytest.raises(ValidationError, match="confidence"):
        Evaluation.model_validate({"primary": "f1", "gates": gates, "confidence": confidence})


def test_a_brier_score_may_have_an_upper_bound_above_one() -> None:
    assert Gate.model_validate({"metric": "brier", "at_most": 1.5}).passes(1.4)
