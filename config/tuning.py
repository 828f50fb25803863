"""The tuning job of a candidate: SageMaker searches ranges of its hyperparameters."""

import math
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from config.documents import Document, Integer, Number

Strategy = Literal["Bayesian", "Random", "Hyperband", "Grid"]
Scale = Literal["auto", "linear", "log", "reverse_log"]

REPORTS_ROUNDS = frozenset({"xgboost"})
"""The algorithms whose training job prints its objective while it trains. Early stopping and Hyperband need that."""
MOST_RANGES = 30
"""The limit of a tuning job (Amazon SageMaker AI Developer Guide: Resource limits for automatic model tuning)."""
LEAST_SECONDS = 120
"""The shortest limit of a tuning job's runtime (API reference: ResourceLimits.MaxRuntimeInSeconds)."""


class Range(Document):
    """The values of one hyperparameter that the search may try."""

    integer: tuple[Integer, Integer] | None = None
    """The least and the greatest whole number."""
    number: tuple[Number, Number] | None = None
    """The least and the greatest number."""
    choice: tuple[Any, ...] | None = Field(default=None, max_length=30)
    """Texts, numbers, `true`, `false` or null."""
    scale: Scale = "auto"
    """The scale of a range of numbers: `log` tries small values as often as large ones."""

    @model_validator(mode="after")
    def _is_one_kind(self) -> Self:
        given = [name for name in ("integer", "number", "choice") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"expected one of integer, number or choice; found {', '.join(given) or 'none'}")
        if self.choice is not None:
            _check_choice(self.choice, self.scale)
        else:
            _check_bounds(self.bounds, self.scale, whole=self.integer is not None)
        return self

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest value; of numbers only."""
        return self.integer or self.number or (math.nan, math.nan)

    @property
    def samples(self) -> tuple[Any, ...]:
        """Its values if it has a choice, else its bounds: a whole range is valid where they are."""
        return self.choice if self.choice is not None else self.bounds

    def value(self, text: str) -> Any:
        """The value of a training job's hyperparameter, which SageMaker has as text."""
        if self.choice is not None:
            return next(value for value in self.choice if str(value) == text)
        return int(text) if self.integer else float(text)


def _check_choice(values: tuple[Any, ...], scale: Scale) -> None:
    if scale != "auto":
        raise ValueError(f"expected no scale of a choice, found {scale}")
    if odd := [value for value in values if not isinstance(value, str | int | float | None)]:
        raise ValueError(f"expected texts, numbers, true, false or null in choice; found {odd[0]!r}")
    if len(values) < 2 or len({str(value) for value in values}) < len(values):
        raise ValueError(f"expected at least two different values in choice; found {', '.join(map(str, values))}")


def _check_bounds(bounds: tuple[float, float], scale: Scale, *, whole: bool) -> None:
    low, high = bounds
    if low >= high:
        raise ValueError(f"expected the lower bound first, and a greater one; found {low:g} and {high:g}")
    if scale == "log" and low <= 0:
        raise ValueError(f"expected a lower bound above 0 for the scale log; found {low:g}")
    if scale == "reverse_log" and (whole or low < 0 or high >= 1):
        raise ValueError(
            f"expected numbers of at least 0 and below 1 for the scale reverse_log; found {low:g}, {high:g}"
        )


class Tuning(Document):
    """A search by one SageMaker tuning job, whose best training job is the candidate's model."""

    ranges: dict[str, Range] = Field(min_length=1, max_length=MOST_RANGES)
    """The tuned hyperparameters. The candidate's `hyperparameters` are the same in all training jobs."""
    jobs: Annotated[Integer, Field(ge=1, le=750)] | None = None
    """The number of training jobs. Grid has one for each combination, and needs no number."""
    parallel: Annotated[Integer, Field(ge=1, le=100)] = 1
    """How many training jobs run at the same time. The Bayesian strategy learns from those that have ended."""
    strategy: Strategy = "Bayesian"
    early_stopping: bool | None = None
    """Whether SageMaker stops training jobs that cannot win. By default where the algorithm reports while it trains."""
    rounds: tuple[Integer, Integer] | None = None
    """Hyperband only: the least and the most values of the objective that a training job reports."""

    @model_validator(mode="after")
    def _fits_its_strategy(self) -> Self:
        if problem := self._problem():
            raise ValueError(problem)
        return self

    def _problem(self) -> str | None:
        combinations = self.combinations
        if self.strategy == "Grid":
            if plain := [name for name, each in self.ranges.items() if each.choice is None]:
                return f"expected a choice of each hyperparameter with the strategy Grid; found a range of {plain[0]}"
            if self.jobs not in (None, combinations):
                return f"expected jobs of {combinations:.0f}, the number of combinations, or none; found {self.jobs}"
        elif self.jobs is None:
            return "expected jobs, the number of training jobs; found none"
        elif self.jobs > combinations:
            return f"expected jobs of at most {combinations:.0f}, the number of combinations; found {self.jobs}"
        if (self.strategy == "Hyperband") != (self.rounds is not None):
            return f"expected rounds with the strategy Hyperband, and with no other; found {self.strategy}"
        if self.rounds and not 1 <= self.rounds[0] <= self.rounds[1]:
            return f"expected rounds of at least 1, the lower number first; found {self.rounds[0]}, {self.rounds[1]}"
        if self.strategy == "Hyperband" and self.early_stopping:
            return "expected no early_stopping with Hyperband, which stops training jobs itself; found true"
        return None

    @property
    def combinations(self) -> float:
        """The number of different settings; infinity where a number is tuned."""
        return math.prod(_size(each) for each in self.ranges.values())

    @property
    def most_jobs(self) -> int:
        """The number of training jobs."""
        return self.jobs if self.jobs is not None else int(self.combinations)

    def stops_early(self, *, reports: bool) -> bool:
        """Whether SageMaker stops training jobs early. `reports`: the job prints its objective while it trains."""
        wanted = reports if self.early_stopping is None else self.early_stopping
        return wanted and self.strategy != "Hyperband"


def _size(values: Range) -> float:
    if values.choice is not None:
        return len(values.choice)
    return values.integer[1] - values.integer[0] + 1 if values.integer else math.inf
