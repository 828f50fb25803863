"""The candidate models of a use case, and the metrics and gates that evaluate them."""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from config.documents import Document, Number
from config.schema import Task
from tabular.metrics import LOWER_IS_BETTER

Algorithm = Literal["logistic_regression", "ridge", "random_forest", "xgboost"]
Metric = Literal[
    "accuracy", "precision", "recall", "f1", "roc_auc", "pr_auc", "log_loss", "brier",
    "rmse", "mae", "r2", "mape", "wape",
]  # fmt: skip
"""What each metric measures, in which unit: `tabular.metrics.score`."""

ERRORS = LOWER_IS_BETTER
"""The metrics for which a lower value is better."""
SEED = 7
"""The default seed of a use case: two trainings on the same rows give the same model."""
_OF_CLASSES: tuple[Metric, ...] = (
    "accuracy", "precision", "recall", "f1", "roc_auc", "pr_auc", "log_loss", "brier",
)  # fmt: skip
METRICS: dict[Task, tuple[Metric, ...]] = {
    "binary": _OF_CLASSES,
    "multiclass": _OF_CLASSES,
    "regression": ("rmse", "mae", "r2", "mape", "wape"),
}
ALGORITHMS: dict[Task, tuple[Algorithm, ...]] = {
    "binary": ("logistic_regression", "random_forest", "xgboost"),
    "multiclass": ("logistic_regression", "random_forest", "xgboost"),
    "regression": ("ridge", "random_forest", "xgboost"),
}


class Candidate(Document):
    """A model to train: an algorithm and the hyperparameters that its library documents."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,13}$")
    algorithm: Algorithm
    hyperparameters: dict[str, Any] = Field(default_factory=dict)


class Gate(Document):
    """A bound on one metric of the held-out data."""

    metric: Metric
    at_least: Number | None = None
    at_most: Number | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if (self.at_least is None) == (self.at_most is None):
            found = "neither" if self.at_least is None else "both"
            raise ValueError(f"expected either at_least or at_most; found {found}")
        bound = self.at_least if self.at_least is not None else self.at_most
        if self.metric not in ERRORS and bound is not None and bound > 1:
            raise ValueError(f"expected a bound of at most 1, the maximum of {self.metric}; found {bound:g}")
        return self

    def passes(self, value: float) -> bool:
        """Whether `value` is within the bound."""
        return value >= self.at_least if self.at_least is not None else value <= (self.at_most or 0.0)

    def __str__(self) -> str:
        bound = f"≥ {self.at_least:g}" if self.at_least is not None else f"≤ {self.at_most:g}"
        return f"{self.metric} {bound}"


class Evaluation(Document):
    """The metric that compares candidates, and the bounds that a model must meet to be approved."""

    primary: Metric
    gates: tuple[Gate, ...] = Field(min_length=1)
    improvement: Number = Field(default=0.0, ge=0)
    """The least improvement of the primary metric that makes a challenger the champion."""
