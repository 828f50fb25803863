import math

import pytest

from config.errors import JobFailed
from tasks.references import TrainedModel
from tasks.train import best, deciding_metric
from tests.references import a_model
from tests.use_cases import small_use_case


def model(name: str, metrics: dict[str, float]) -> TrainedModel:
    return a_model(candidate=name, job_name=f"job-{name}", metrics=metrics)


def test_the_best_candidate_is_the_first_of_those_that_do_best() -> None:
    models = [model(name, {"validation:roc_auc": value}) for name, value in (("a", 0.6), ("b", 0.8), ("c", 0.8))]
    assert best(small_use_case(), models).candidate == "b"


@pytest.mark.parametrize(
    ("metrics", "found"),
    [
        ({}, "none"),
        ({"validation:accuracy": 0.9}, "none"),
        ({"validation:roc_auc": math.nan}, "nan"),
        ({"validation:roc_auc": math.inf}, "inf"),
    ],
)
def test_a_candidate_without_a_finite_metric_is_named_and_never_wins(metrics: dict[str, float], found: str) -> None:
    message = f"candidate b: expected a finite validation:roc_auc from training job job-b, found {found}"
    with pytest.raises(JobFailed, match=message):
        best(small_use_case(), [model("a", {"validation:roc_auc": 0.6}), model("b", metrics)])
    with pytest.raises(JobFailed, match=message):
        deciding_metric(small_use_case(), "b", "job-b", metrics)


def test_with_cross_validation_the_best_mean_of_the_folds_wins() -> None:
    case = small_use_case(training={"cross_validation": {"folds": 3}})
    models = [
        model("a", {"validation:roc_auc": 0.9, "cv:roc_auc": 0.7}),
        model("b", {"validation:roc_auc": 0.6, "cv:roc_auc": 0.8}),
    ]
    assert best(case, models).candidate == "b"
    with pytest.raises(JobFailed, match="expected a finite cv:roc_auc from training job job-c, found none"):
        best(case, [*models, model("c", {"validation:roc_auc": 0.9})])
