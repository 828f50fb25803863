"""The groups that a model is compared between, and the bounds on their differences."""

from typing import TYPE_CHECKING, Any, Literal, Self, get_args

from pydantic import Field, model_validator

from config.bounds import Bound
from config.documents import Document, Integer, Number
from config.schema import Task

if TYPE_CHECKING:
    from config.use_case import UseCase

ClassMetric = Literal[
    "selection_rate_difference",
    "selection_rate_ratio",
    "true_positive_rate_difference",
    "true_positive_rate_ratio",
    "false_positive_rate_difference",
    "false_positive_rate_ratio",
    "equalized_odds_difference",
    "equalized_odds_ratio",
    "accuracy_difference",
    "accuracy_ratio",
    "calibration_difference",
]
NumberMetric = Literal[
    "mean_prediction_difference",
    "mean_error_difference",
    "mae_difference",
    "mae_ratio",
    "rmse_difference",
    "rmse_ratio",
]
METRICS: dict[Task, tuple[str, ...]] = {
    "binary": get_args(ClassMetric),
    "multiclass": get_args(ClassMetric),
    "regression": get_args(NumberMetric),
}
"""The metrics between groups. `tabular.evidence.fairness` defines them."""


class FairnessBound(Bound):
    """A bound on one metric between the groups of each column, or of one column."""

    metric: ClassMetric | NumberMetric
    at_most: Number | None = Field(default=None, ge=0)
    """The bound of a difference, which is 0 for equal groups."""
    at_least: Number | None = Field(default=None, ge=0, le=1)
    """The bound of a ratio, which is 1 for equal groups."""
    column: str | None = None
    """One of the columns. The default is each of them."""
    by: Literal["estimate", "interval"] = "estimate"
    """What is compared with the bound: the value on the held-out rows, or the worse end of its interval.

    An interval of few rows is wide, and refuses most models.
    """

    @model_validator(mode="after")
    def _bound_fits_the_metric(self) -> Self:
        expected, other = ("at_least", "at_most") if self.metric.endswith("_ratio") else ("at_most", "at_least")
        if getattr(self, expected) is None or getattr(self, other) is not None:
            found = [name for name in ("at_least", "at_most") if getattr(self, name) is not None]
            raise ValueError(f"expected {expected} for {self.metric}; found {' and '.join(found) or 'neither'}")
        return self


class Fairness(Document):
    """The columns whose groups a model is compared between. They need not be features."""

    columns: tuple[str, ...] = Field(min_length=1)
    """Categories with their `categories`, and numbers with `ranges`. Missing values are a group."""
    ranges: dict[str, tuple[Number, ...]] = Field(default_factory=dict)
    """The borders between the groups of a column of numbers, ascending: 18 and 25 make three groups."""
    minimum_rows: Integer = Field(default=30, ge=2)
    """The least rows of a group. A smaller one is counted, and not judged."""
    bounds: tuple[FairnessBound, ...] = ()


def groups(case: "UseCase") -> dict[str, dict[str, Any]]:
    """Return what makes the groups of each column as JSON: its `borders`, or its `categories`."""
    rules = case.evaluation.fairness
    return {name: _groups(case, rules, name) for name in rules.columns} if rules else {}


def _groups(case: "UseCase", rules: Fairness, name: str) -> dict[str, Any]:
    if name in rules.ranges:
        return {"borders": list(rules.ranges[name])}
    return {"categories": list(case.columns[name].categories or ())}
