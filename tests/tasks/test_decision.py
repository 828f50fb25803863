import math
from typing import Any

import pytest

from config.candidates import Evaluation
from tasks.decision import objections
from tasks.references import Estimate, ModelEvaluation
from tests.references import a_model

BY_ROC_AUC = Evaluation.model_validate({"primary": "roc_auc", "gates": [{"metric": "roc_auc", "at_least": 0.6}]})
BY_RMSE = Evaluation.model_validate(
    {"primary": "rmse", "gates": [{"metric": "rmse", "at_most": 5}], "improvement": 0.5}
)


def evaluation(metric: str, value: float, naive: float, champion: float | None = None) -> ModelEvaluation:
    return ModelEvaluation(
        use_case="small_one", model=a_model(), split_digest="s", job_name="j", job_arn="arn", uri="s3://b/e", rows=9,
        primary=metric, metrics={metric: value}, baseline={metric: naive},
        champion=None if champion is None else {metric: champion}, champion_arn=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "naive", "champion", "found"),
    [
        (0.8, 0.5, None, []),
        (0.8, 0.5, 0.7, []),
        (0.55, 0.5, None, ["roc_auc ≥ 0.6: found 0.5500"]),
        (0.8, 0.8, None, ["roc_auc better than the naive prediction's 0.8000: found 0.8000"]),
        (0.8, math.nan, None, ["roc_auc better than the naive prediction's nan: found 0.8000"]),
        (0.8, 0.5, 0.8, ["roc_auc better than the champion's 0.8000: found the same"]),
        (0.8, 0.5, 0.9, ["roc_auc better than the champion's 0.9000: found 0.8000"]),
    ],
)
def test_only_a_model_that_passes_the_gates_and_beats_the_champion_is_approved(
    value: float, naive: float, champion: float | None, found: list[str]
) -> None:
    assert objections(BY_ROC_AUC, evaluation("roc_auc", value, naive, champion)) == found


def test_a_metric_that_the_evaluation_does_not_have_is_no_reason_to_approve() -> None:
    found = evaluation("f1", 0.9, 0.5, 0.7)
    assert objections(BY_ROC_AUC, found) == [
        "roc_auc ≥ 0.6: found nan",
        "roc_auc better than the naive prediction's nan: found nan",
        "roc_auc better than the champion's nan: found nan",
    ]


def test_of_an_error_less_is_better_and_the_improvement_has_to_be_exceeded() -> None:
    assert objections(BY_RMSE, evaluation("rmse", 3.0, 4.0, 3.6)) == []
    assert objections(BY_RMSE, evaluation("rmse", 3.3, 4.0, 3.6)) == [
        "rmse better than the champion's 3.6000 by more than 0.5: found 3.3000"
    ]
    assert len(objections(BY_RMSE, evaluation("rmse", 6.0, 4.0))) == 2


FAIR = {"columns": ["black", "age"], "ranges": {"age": [18]}, "minimum_rows": 50}
GAP = {"selection_rate_difference": Estimate(value=0.15, low=0.1, high=0.25)}


def bounded(**bound: Any) -> Evaluation:
    """Rules with one bound between groups."""
    fairness = {**FAIR, "bounds": [bound]}
    return Evaluation.model_validate({**BY_ROC_AUC.model_dump(exclude_none=True), "fairness": fairness})


@pytest.mark.parametrize(
    ("bound", "found"),
    [
        ({"at_most": 0.2}, []),
        ({"at_most": 0.15}, []),
        ({"at_most": 0.1}, ["selection_rate_difference ≤ 0.1 between the groups of black: found 0.1500 (0.1000 to 0.2500)"]),
        ({"at_most": 0.2, "by": "interval"}, ["selection_rate_difference ≤ 0.2 between the groups of black: found 0.1500 (0.1000 to 0.2500)"]),
        ({"at_most": 0.25, "by": "interval"}, []),
    ],
)  # fmt: skip
def test_a_difference_between_groups_is_within_its_bound_by_its_value_or_by_the_end_of_its_interval(
    bound: dict[str, Any], found: list[str]
) -> None:
    rules = bounded(metric="selection_rate_difference", column="black", **bound)
    assert objections(rules, evaluation("roc_auc", 0.8, 0.5).model_copy(update={"fairness": {"black": GAP}})) == found


def test_a_ratio_is_judged_by_its_lower_end() -> None:
    ratio = {"accuracy_ratio": Estimate(value=0.9, low=0.7, high=0.95)}
    found = evaluation("roc_auc", 0.8, 0.5).model_copy(update={"fairness": {"black": ratio, "age": ratio}})
    assert objections(bounded(metric="accuracy_ratio", at_least=0.8), found) == []
    assert len(objections(bounded(metric="accuracy_ratio", at_least=0.8, by="interval"), found)) == 2


def test_a_bound_that_cannot_be_judged_is_a_reason_against_approval() -> None:
    rules = bounded(metric="selection_rate_difference", at_most=0.2)
    found = evaluation("roc_auc", 0.8, 0.5).model_copy(update={"fairness": {"black": GAP}})
    assert objections(rules, found) == [
        "selection_rate_difference ≤ 0.2 between the groups of age: found no two groups of 50 rows or more that have it"
    ]
