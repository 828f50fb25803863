"""How the models of a use case are trained, besides their candidates."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from config.documents import Document, Integer, Number
from config.selection import Reduction, Selection

MOST_INSTANCES = 20
"""The limit of a training job (Amazon SageMaker AI quotas: number of instances for a training job)."""


class CrossValidation(Document):
    """Each candidate is also trained on k folds, and the mean of the primary metric chooses the winner."""

    folds: Annotated[Integer, Field(ge=2, le=20)]
    """The number of folds of the training and validation rows. A split by time or order has expanding windows: fold i
    of k is predicted from the rows before it."""


class LearningCurve(Document):
    """The refit job also fits the winner's recipe to parts of the training rows, and predicts the validation rows."""

    train_sizes: tuple[Annotated[Number, Field(gt=0, le=1)], ...] = Field(
        default=(0.1, 0.325, 0.55, 0.775, 1.0), min_length=2, max_length=20
    )
    """The shares of the training rows, in ascending order. Each has the rows of the smaller ones: the earliest rows of
    a split by time or order, else whole groups or rows at random."""

    @model_validator(mode="after")
    def _ascends(self) -> Self:
        if list(self.train_sizes) != sorted(set(self.train_sizes)):
            raise ValueError(f"train_sizes: expected shares in ascending order, found {list(self.train_sizes)}")
        return self


class Budget(Document):
    """The limits of one run's training. They stop the search, and the best model so far counts."""

    minutes: Number | None = Field(default=None, gt=0)
    """The longest time of each tuning job, from its creation."""
    dollars: Number | None = Field(default=None, gt=0)
    """The most that all training jobs of a run may cost together, by the prices in config/prices/."""

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if self.minutes is None and self.dollars is None:
            raise ValueError("expected minutes, dollars or both; found neither")
        return self


class Training(Document):
    """The training of the candidates, and of the winner."""

    instances: Annotated[Integer, Field(ge=1, le=MOST_INSTANCES)] = 1
    """The instances of each training job. Several train one model of XGBoost, each on its part of the rows."""
    refit: bool = True
    """Whether the winner is trained again, on the training and validation rows, before it is evaluated."""
    cross_validation: CrossValidation | None = None
    """None chooses the winner on the validation rows."""
    learning_curve: LearningCurve | None = None
    """None measures none. It needs the refit."""
    selection: Selection | None = None
    """None gives a model all features."""
    reduction: Reduction | None = None
    """None gives a model the features as they are encoded."""
    budget: Budget | None = None
    """None lets every tuning job run all its training jobs."""
    spot: bool = False
    """Whether training jobs use spot instances, which cost less and may be interrupted. XGBoost resumes from its last
    checkpoint; other algorithms begin again."""

    @model_validator(mode="after")
    def _curve_of_a_refit(self) -> Self:
        if self.learning_curve and not self.refit:
            raise ValueError(
                "learning_curve: expected refit: true, because the job of the refit measures the curve; found false. "
                "Remove learning_curve, or refit"
            )
        return self
