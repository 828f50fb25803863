"""The bounds between groups, as the decision judges them."""

from typing import Any

import pytest

from config.candidates import Evaluation
from tasks.decision import objections
from tasks.references import Estimate, ModelEvaluation
from tests.references import a_model

GATES = [{"metric": "roc_auc", "at_least": 0.6}]
FAIR = {"columns": ["black", "age"], "ranges": {"age": [18]}, "minimum_rows": 50}
GAP = {"selection_rate_difference": Estimate(value=0.15, low=0.1, high=0.25)}


def evaluation(**fairness: dict[str, Estimate]) -> ModelEvaluation:
    """A model that is good enough, with these figures between the groups of columns."""
    return ModelEvaluation(
        use_case="small_one", model=a_model(), split_digest="s", job_name="j", job_arn="arn", uri="s3://b/e", rows=9,
        primary="roc_auc", metrics={"roc_auc": 0.8}, baseline={"roc_auc": 0.5}, champion=None, champion_arn=None,
        fairness=fairness,
    )  # fmt: skip


def bounded(**bound: Any) -> Evaluation:
    """Rules with one bound between groups."""
    fairness = {**FAIR, "bounds": [bound]}
    return Evaluation.model_validate({"primary": "roc_auc", "gates": GATES, "fairness": fairness})


@pytest.mark.parametrize(
    ("bound", "exceeded"),
    [
        ({"at_most": 0.2}, []),
        ({"at_most": 0.15}, []),
        ({"at_most": 0.1}, ["0.1"]),
        ({"at_most": 0.2, "by": "interval"}, ["0.2"]),
        ({"at_most": 0.25, "by": "interval"}, []),
    ],
)  # fmt: skip
def test_a_difference_between_groups_is_within_its_bound_by_its_value_or_by_the_end_of_its_interval(
    bound: dict[str, Any], exceeded: list[str]
) -> None:
    rules = bounded(metric="selection_rate_difference", column="black", **bound)
    assert objections(rules, evaluation(black=GAP)) == [
        f"selection_rate_difference ≤ {limit} between the groups of black: found 0.1500 (0.1000 to 0.2500)"
        for limit in exceeded
    ]


def test_a_ratio_is_judged_by_its_lower_end() -> None:
    ratio = {"accuracy_ratio": Estimate(value=0.9, low=0.7, high=0.95)}
    found = evaluation(black=ratio, age=ratio)
    assert objections(bounded(metric="accuracy_ratio", at_least=0.8), found) == []
    assert len(objections(bounded(metric="accuracy_ratio", at_least=0.8, by="interval"), found)) == 2


def test_a_bound_that_cannot_be_judged_is_a_reason_against_approval() -> None:
    rules = bounded(metric="selection_rate_difference", at_most=0.2)
    found = evaluation(black=GAP)
    assert objections(rules, found) == [
        "selection_rate_difference ≤ 0.2 between the groups of age: found no two groups of 50 rows or more that have it"
    ]
