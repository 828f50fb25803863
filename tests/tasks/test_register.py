import pytest

from tasks.references import ModelEvaluation
from tasks.register import objections
from tests.references import a_model
from tests.use_cases import small_use_case

MODEL = a_model()


def evaluation(metric: str, value: float, naive: float, champion: float | None = None) -> ModelEvaluation:
    return ModelEvaluation(
        use_case="small_one", model=MODEL, split_digest="s", job_name="j", job_arn="arn", uri="s3://b/e",
        rows=9, primary=metric,
        metrics={metric: value}, baseline={metric: naive},
        champion=None if champion is None else {metric: champion}, champion_arn=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "naive", "champion", "found"),
    [
        (0.8, 0.5, None, []),
        (0.8, 0.5, 0.7, []),
        (0.55, 0.5, None, ["roc_auc ≥ 0.6: found 0.5500"]),
        (0.8, 0.9, None, ["roc_auc better than the naive prediction's 0.9000: found 0.8000"]),
        (0.8, 0.5, 0.8, ["roc_auc better than the champion's 0.8000: found the same"]),
        (0.8, 0.5, 0.9, ["roc_auc better than the champion's 0.9000: found 0.8000"]),
    ],
)
def test_only_a_model_that_passes_the_gates_and_beats_the_champion_is_approved(
    value: float, naive: float, champion: float | None, found: list[str]
) -> None:
    assert objections(small_use_case(), evaluation("roc_auc", value, naive, champion)) == found


def test_of_an_error_less_is_better() -> None:
    case = small_use_case(
        target={"column": "age", "task": "regression"},
        features=["colour"],
        candidates=[{"name": "a", "algorithm": "ridge"}],
        evaluation={"primary": "rmse", "gates": [{"metric": "rmse", "at_most": 5}], "improvement": 0.5},
    )
    assert objections(case, evaluation("rmse", 3.0, 4.0, 3.6)) == []
    assert objections(case, evaluation("rmse", 3.3, 4.0, 3.6)) == [
        "rmse better than the champion's 3.6000: found 3.3000"
    ]
    assert len(objections(case, evaluation("rmse", 6.0, 4.0))) == 2
