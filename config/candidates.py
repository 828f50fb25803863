"""The candidate models of a use case, and the metrics and gates that evaluate them."""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from config.bounds import Bound
from config.documents import Document, Integer, Number
from config.error_costs import Costs
from config.fairness import Fairness
from config.prediction_sets import PredictionSets
from config.recommendation import RecommendationMetric
from config.schema import Task
from config.tuning import Tuning
from tabular.metrics import LOWER_IS_BETTER

Algorithm = Literal[
    "logistic_regression", "ridge", "elastic_net", "random_forest", "xgboost", "neural_network", "stack"
]
Metric = Literal[
    "accuracy", "precision", "recall", "f1", "roc_auc", "pr_auc", "log_loss", "brier",
    "rmse", "mae", "r2", "mape", "wape",
]  # fmt: skip
"""What each metric measures, in which unit: `tabular.metrics.score`."""

ERRORS = LOWER_IS_BETTER | {"recommendation_regret"}
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


class Gate(Bound):
    """A bound on one metric of the held-out data."""

    metric: Metric | RecommendationMetric

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if (self.at_least is None) == (self.at_most is None):
            found = "neither" if self.at_least is None else "both"
            raise ValueError(f"expected either at_least or at_most; found {found}")
        bound = self.at_least if self.at_least is not None else self.at_most
        if self.metric not in ERRORS and bound is not None and bound > 1:
            raise ValueError(f"expected a bound of at most 1, the maximum of {self.metric}; found {bound:g}")
        return self


class Intervals(Document):
    """The bootstrap of the metrics."""

    resamples: Integer = Field(default=1000, ge=100, le=10_000)
    level: Number = Field(default=0.95, gt=0.5, lt=1)
    """The share of intervals that have the true value."""


class Limits(Document):
    """The most that a model may take of the machine that serves it."""

    latency_ms: Number | None = Field(default=None, gt=0)
    """The median time of one row through the model on the evaluation's machine, in milliseconds."""
    size_mb: Number | None = Field(default=None, gt=0)
    """The size of model.tar.gz, in millions of bytes."""


class Leakage(Document):
    """When a column predicts the target too well alone: probably it is known only afterwards."""

    alone: Number = Field(default=0.999, gt=0.5, lt=1)
    """The ROC-AUC of one column alone, for a regression its R², that a version is rejected for."""
    expected: tuple[str, ...] = ()
    """The features that may predict the target as well as that."""


class Evaluation(Document):
    """The metric that compares candidates, and the bounds that a model must meet to be approved."""

    primary: Metric
    gates: tuple[Gate, ...] = Field(min_length=1)
    improvement: Number = Field(default=0.0, ge=0)
    """The least improvement of the primary metric that makes a challenger the champion."""
    costs: Costs | None = None
    """What a wrong prediction of a binary target costs. They choose the probability above which a row is of the second
    class, on the validation rows; the default is the more probable class."""
    prediction_sets: PredictionSets | None = PredictionSets()
    """The prediction intervals or sets that a training job fits; null for none."""
    fairness: Fairness | None = None
    """The groups that a model is compared between. The default compares none."""
    confidence: Number | None = Field(default=None, gt=0.5, lt=1)
    """The confidence, by a paired bootstrap, that the improvement is exceeded. By default the values are compared."""
    intervals: Intervals = Intervals()
    limits: Limits = Limits()
    leakage: Leakage | None = Leakage()
    """Null switches the check off."""
