"""The candidates of a first use case, by task and number of rows, and its primary metric."""

from typing import Any

from config.candidates import Metric
from config.schema import Task
from tasks.first_use_case.targets import TargetGuess

PRIMARY: dict[Task, Metric] = {"binary": "roc_auc", "multiclass": "f1", "regression": "rmse"}
MANY_ROWS = 100_000
"""From here on the forest is smaller, as its time grows with the rows."""
RARE = 0.6
"""A class with less than this share of an equal one is rare."""


def candidates(target: TargetGuess, rows: int) -> list[dict[str, Any]]:
    """Return a linear model, a forest and boosted trees."""
    weights = {"class_weight": "balanced"} if _is_unbalanced(target) else {}
    many = rows > MANY_ROWS
    trees = {"n_estimators": 100, "min_samples_leaf": 20} if many else {"n_estimators": 300, "min_samples_leaf": 3}
    linear = {"name": "logistic", "algorithm": "logistic_regression"}
    linear["hyperparameters"] = {"C": 0.3, "max_iter": 2000, **weights}  # type: ignore[assignment]
    if target.task == "regression":
        linear = {"name": "ridge", "algorithm": "ridge", "hyperparameters": {"alpha": 10.0}}  # type: ignore[dict-item]
    boosted = {"n_estimators": 200, "max_depth": 3, "learning_rate": 0.06, "subsample": 0.8, "colsample_bytree": 0.6}
    return [
        linear,
        {"name": "forest", "algorithm": "random_forest", "hyperparameters": {**trees, **weights}},
        {"name": "xgboost", "algorithm": "xgboost", "hyperparameters": boosted},
    ]


def _is_unbalanced(target: TargetGuess) -> bool:
    shares = target.guess.values.astype(object).value_counts(normalize=True)
    return bool(target.classes) and bool(shares.min() < RARE / len(shares))
