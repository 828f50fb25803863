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
    selection: Selection | None = None
    """None gives a model all features."""
    reduction: Reduction | None = None
    """None gives a model the features as they are encoded."""
    budget: Budget | None = None
    """None lets every tuning job run all its training jobs."""
    spot: bool = False
    """Whether training jobs use spot instances, which cost less and may be interrupted. XGBoost resumes from its last
    checkpoint; other algorithms begin again."""
