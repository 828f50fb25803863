from typing import Any

import pytest

from config.candidates import Candidate
from config.hyperparameters import LEFT_OUT, problems, table
from config.schema import Target

BINARY = Target(column="c", task="binary", classes=("no", "yes"))
NUMBER = Target(column="c", task="regression")


def found(algorithm: str, hyperparameters: dict[str, Any], target: Target = BINARY) -> list[str]:
    candidate = Candidate.model_validate({"name": "a", "algorithm": algorithm, "hyperparameters": hyperparameters})
    return list(problems(candidate, "here", target))


@pytest.mark.parametrize(
    ("algorithm", "hyperparameters", "target"),
    [
        ("logistic_regression", {"C": 1, "max_iter": 500, "class_weight": "balanced", "penalty": None}, BINARY),
        ("logistic_regression", {"class_weight": {"no": 1, "yes": 2.5}}, BINARY),
        ("random_forest", {"max_features": "sqrt", "min_samples_leaf": 0.1, "max_depth": None}, BINARY),
        ("random_forest", {"criterion": "poisson", "n_estimators": 1}, NUMBER),
        ("ridge", {"alpha": 0, "positive": True}, NUMBER),
        ("xgboost", {"learning_rate": 0.3, "max_depth": 3, "objective": "reg:gamma"}, NUMBER),
    ],
)
def test_documented_hyperparameters_are_accepted(
    algorithm: str, hyperparameters: dict[str, Any], target: Target
) -> None:
    assert found(algorithm, hyperparameters, target) == []


@pytest.mark.parametrize(
    ("algorithm", "hyperparameters", "message"),
    [
        ("logistic_regression", {"max_itre": 5}, "found 'max_itre' (did you mean 'max_iter'?)"),
        ("xgboost", {"n_estimator": 5}, "found 'n_estimator' (did you mean 'n_estimators'?)"),
        ("xgboost", {"zzz": 5}, "found 'zzz': they are base_score, booster"),
        ("logistic_regression", {"C": 0}, "here.C: expected a number above 0; found 0"),
        ("logistic_regression", {"C": "0.5"}, "here.C: expected a number above 0; found '0.5'"),
        ("logistic_regression", {"C": float("inf")}, "here.C: expected a number above 0; found inf"),
        ("logistic_regression", {"max_iter": 1.5}, "here.max_iter: expected a whole number at least 0; found 1.5"),
        ("logistic_regression", {"max_iter": True}, "here.max_iter: expected a whole number"),
        ("logistic_regression", {"fit_intercept": 1}, "here.fit_intercept: expected true or false; found 1"),
        ("logistic_regression", {"solver": "newton"}, "expected lbfgs or liblinear or newton-cg"),
        ("logistic_regression", {"class_weight": {"maybe": 1}}, "expected a weight above 0 for classes of no, yes"),
        ("logistic_regression", {"class_weight": {"yes": 0}}, "expected a weight above 0 for classes of no, yes"),
        ("random_forest", {"min_samples_split": 1}, "expected a whole number at least 2, or a number with a decimal"),
        ("random_forest", {"n_jobs": 4}, "expected no 'n_jobs', because each job uses all processors"),
        ("xgboost", {"subsample": 1.5}, "here.subsample: expected a number above 0 and at most 1"),
        ("xgboost", {"objective": "reg:squarederror"}, "here.objective: expected binary:logistic"),
        ("xgboost", {"random_state": 2**31}, "expected a whole number at least 0 and at most 2,147,483,647"),
    ],
)
def test_invalid_hyperparameters_are_reported_before_anything_starts(
    algorithm: str, hyperparameters: dict[str, Any], message: str
) -> None:
    (problem,) = found(algorithm, hyperparameters)
    assert message in problem


def test_no_parameter_that_a_job_sets_itself_is_in_the_table() -> None:
    assert not set(LEFT_OUT) & {name for parameters in table().values() for name in parameters}
