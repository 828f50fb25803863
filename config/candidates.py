"""The candidate models of a use case, and the metrics and gates that evaluate them."""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from config.documents import Document, Number
from config.fairness import Fairness
from config.prediction_sets import PredictionSets
from config.schema import Task
from config.tuning import Tuning

Algorithm = Literal[
    "logistic_regression", "ridge", "elastic_net", "random_forest", "xgboost", "neural_network", "stack"
]
Metric = Literal["accuracy", "precision", "recall", "f1", "roc_auc", "rmse", "mae", "r2"]

ERRORS: frozenset[Metric] = frozenset({"rmse", "mae"})
"""The metrics for which a lower value is better."""
SEED = 7
"""The default seed of a use case: two trainings on the same rows give the same model."""
METRICS: dict[Task, tuple[Metric, ...]] = {
    "binary": ("accuracy", "precision", "recall", "f1", "roc_auc"),
    "multiclass": ("accuracy", "precision", "recall", "f1", "roc_auc"),
    "regression": ("rmse", "mae", "r2"),
}
ALGORITHMS: dict[Task, tuple[Algorithm, ...]] = {
    "binary": ("logistic_regression", "random_forest", "xgboost", "neural_network", "stack"),
    "multiclass": ("logistic_regression", "random_forest", "xgboost", "neural_network", "stack"),
    "regression": ("ridge", "elastic_net", "random_forest", "xgboost", "neural_network", "stack"),
}


class Candidate(Document):
    """A model to train: an algorithm and the hyperparameters that its library documents."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,13}$")
    algorithm: Algorithm
    hyperparameters: dict[str, Any] = Field(default_factory=dict)
    of: tuple[str, ...] = ()
    """The names of the candidates that a stack combines: their algorithms and hyperparameters, as they are in the file.
    Their out-of-fold predictions are the features of a linear model."""
    tune: Tuning | None = None
    """None trains once, with `hyperparameters` as they are."""


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
    prediction_sets: PredictionSets | None = PredictionSets()
    """The prediction intervals or sets that a training job fits; null for none."""
    fairness: Fairness | None = None
    """The groups that a model is compared between. The default compares none."""
