import math
from typing import Any

import pytest

from config.candidates import Evaluation
from tasks.decision import objections
from tasks.references import ColumnAlone, Comparison, ModelEvaluation
from tests.references import a_model

BY_ROC_AUC = Evaluation.model_validate({"primary": "roc_auc", "gates": [{"metric": "roc_auc", "at_least": 0.6}]})
BY_RMSE = Evaluation.model_validate(
    {"primary": "rmse", "gates": [{"metric": "rmse", "at_most": 5}], "improvement": 0.5}
)


def evaluation(
    metric: str, value: float, naive: float, champion: float | None = None, **changes: Any
) -> ModelEvaluation:
    return ModelEvaluation(
        use_case="small_one", model=a_model(), split_digest="s", job_name="j", job_arn="arn", uri="s3://b/e", rows=9,
        primary=metric, metrics={metric: value}, baseline={metric: naive},
        champion=None if champion is None else {metric: champion}, champion_arn=None,
        **changes,
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


def sure(confidence: float, improvement: float = 0.0, metric: str = "roc_auc") -> Comparison:
    """A comparison with a champion that the challenger is better than with this confidence."""
    return Comparison(
        metric=metric, difference=0.012, low=-0.004, high=0.03, level=0.95, resamples=1000, improvement=improvement,
        confidence_better=confidence,
    )  # fmt: skip


def rules(**changes: Any) -> Evaluation:
    return Evaluation.model_validate({**BY_ROC_AUC.model_dump(exclude_defaults=True), **changes})


def test_a_challenger_that_is_better_by_chance_is_refused_where_a_confidence_is_asked_for() -> None:
    found = evaluation("roc_auc", 0.812, 0.5, 0.8, comparison=sure(0.89))
    assert objections(rules(), found) == []
    assert objections(rules(confidence=0.85), found) == []
    assert objections(rules(confidence=0.9), found) == [
        "roc_auc better than the champion's with a confidence of 90.0%: found 89.0% of 1,000 paired resamples; the "
        "difference is 0.0120, from -0.0040 to 0.0300 at 95.0%"
    ]


def test_the_confidence_is_that_of_the_margin_in_the_rules() -> None:
    found = evaluation("roc_auc", 0.812, 0.5, 0.8, comparison=sure(0.95, improvement=0.01))
    assert objections(rules(confidence=0.9, improvement=0.01), found) == []
    (reason,) = objections(rules(confidence=0.9, improvement=0.005), found)
    assert reason == (
        "roc_auc better than the champion's by more than 0.005 with a confidence of 90.0%: found no such comparison in "
        "the evaluation; run the stage evaluate again"
    )


def test_an_evaluation_of_an_older_version_has_no_confidence_to_approve_with() -> None:
    (reason,) = objections(rules(confidence=0.9), evaluation("roc_auc", 0.9, 0.5, 0.8))
    assert "found no such comparison" in reason
    assert objections(rules(confidence=0.9), evaluation("roc_auc", 0.9, 0.5)) == []  # there is no champion


def test_a_challenger_that_is_worse_has_one_reason_and_not_two() -> None:
    found = evaluation("roc_auc", 0.7, 0.5, 0.8, comparison=sure(0.1))
    assert objections(rules(confidence=0.9), found) == ["roc_auc better than the champion's 0.8000: found 0.7000"]


def test_a_model_beyond_a_limit_is_refused_with_the_figure() -> None:
    limited = rules(limits={"latency_ms": 5, "size_mb": 2})
    assert objections(limited, evaluation("roc_auc", 0.8, 0.5, latency_ms=5.0, bytes=2_000_000)) == []
    assert objections(limited, evaluation("roc_auc", 0.8, 0.5, latency_ms=81.234, bytes=2_500_000)) == [
        "latency of one row ≤ 5 ms: found 81.23 ms",
        "size of model.tar.gz ≤ 2 MB: found 2.5 MB",
    ]
    assert objections(limited, evaluation("roc_auc", 0.8, 0.5)) == [
        "latency of one row ≤ 5 ms: found no measurement in the evaluation; run the stage evaluate again",
        "size of model.tar.gz ≤ 2 MB: found no measurement in the evaluation; run the stage evaluate again",
    ]


def test_a_column_that_predicts_the_target_alone_is_refused_unless_it_is_expected() -> None:
    alone = ColumnAlone(metric="roc_auc", columns={"wage": 1.0, "enroll": 0.9993, "IQ": 0.72})
    found = evaluation("roc_auc", 0.999, 0.5, alone=alone)
    (reason,) = objections(rules(), found)
    assert reason == (
        "no column that predicts the target alone with roc_auc ≥ 0.999: found wage 1.0000, enroll 0.9993. Move what is "
        "known only afterwards to known_only_afterwards, or name it in evaluation.leakage.expected"
    )
    assert objections(rules(leakage={"expected": ["wage", "enroll"]}), found) == []
    assert objections(rules(leakage=None), found) == []
    assert len(objections(rules(leakage={"alone": 0.7}), found)) == 1
