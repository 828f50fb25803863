"""The bounds of the model quality monitor as gates."""

from typing import Any

from tasks.baselines.mapped import Mapped
from tasks.baselines.model_quality import model_quality_checks
from tests.tasks.baselines.cases import case


def mapped(document: dict[str, Any]) -> dict[str, Mapped]:
    return {each.check: each for each in model_quality_checks(case(), document)}


def test_bounds_of_model_quality_are_gates() -> None:
    bounds = {
        "auc": (0.55, "LessThanThreshold"), "f1": (0.95, "LessThanThreshold"), "recall": (0.7, "LessThanThreshold"),
        "f0_5": (0.7, "LessThanThreshold"), "precision": (0.7, "Above"),
    }  # fmt: skip
    section = {name: {"threshold": bound, "comparison_operator": side} for name, (bound, side) in bounds.items()}
    found = mapped({"version": 0.0, "binary_classification_constraints": section, "extra": 1})
    states = {name.partition(" ")[0]: each.state for name, each in found.items()}
    assert states == {
        "auc": "has it", "f1": "differs", "recall": "to add", "f0_5": "not mapped", "precision": "not mapped",
        "extra": "not mapped",
    }  # fmt: skip
    recall = found["recall in binary_classification_constraints"]
    assert recall.key == "evaluation.gates: {metric: recall, at_least: 0.7}"


def test_a_bound_of_mse_is_the_square_of_that_of_rmse() -> None:
    section = {"mse": {"threshold": 9.0, "comparison_operator": "GreaterThanThreshold"}}
    [found] = mapped({"regression_constraints": section}).values()
    assert found.key == "evaluation.gates: {metric: rmse, at_most: 3}"
