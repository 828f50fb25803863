"""The stored form of a profile: a JSON document that is read without the profiler that made it.

tasks/README.md documents each key.
"""

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION = 1
RANKS = tuple(rank / 200 for rank in range(201))
"""The ranks whose quantiles are stored: every half per cent."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Distribution(_Part):
    """How the present values of a column of numbers are distributed."""

    minimum: float
    maximum: float
    mean: float
    stddev: float
    points: tuple[float, ...] = Field(min_length=1)
    """The quantiles at RANKS, ascending, each once."""
    below: tuple[float, ...]
    """The share of the present values below each point."""
    up_to: tuple[float, ...]
    """The share of the present values at or below each point."""

    def quantile(self, rank: float) -> float:
        """The first point that more than a share `rank` of the values do not exceed; the last point for rank 1."""
        place = int(np.searchsorted(self.up_to, rank, side="right"))
        return self.points[min(place, len(self.points) - 1)]

    def share_below(self, value: float) -> float:
        """The share of the present values below `value`: exact at a point, interpolated between two."""
        place = int(np.searchsorted(self.points, value))
        if place == len(self.points):
            return 1.0
        if self.points[place] == value or place == 0:
            return self.below[place]
        span = (self.points[place - 1], self.points[place])
        return float(np.interp(value, span, (self.up_to[place - 1], self.below[place])))

    def share_up_to(self, value: float) -> float:
        """The share of the present values at or below `value`, likewise."""
        place = int(np.searchsorted(self.points, value))
        if place < len(self.points) and self.points[place] == value:
            return self.up_to[place]
        return self.share_below(value)


class NumberProfile(_Part):
    """A column of numbers."""

    type: Literal["integer", "number"]
    count: int
    """Rows."""
    missing: int
    """Of those, the rows without a finite value."""
    distinct: int
    """Estimated."""
    distribution: Distribution | None
    """None where every value is missing."""


class CategoryProfile(_Part):
    """A column of categories."""

    type: Literal["category"] = "category"
    count: int
    missing: int
    distinct: int
    frequent: dict[str, int]
    """The rows of the most frequent values, the most frequent first; exact for up to some 700 values."""


ColumnProfile = Annotated[NumberProfile | CategoryProfile, Field(discriminator="type")]


class Profile(_Part):
    """What is stored of n rows: figures of each column that was profiled, and no row."""

    schema_version: Literal[1] = SCHEMA_VERSION  # type: ignore[assignment]
    rows: int
    columns: dict[str, ColumnProfile]

    def content(self) -> dict[str, Any]:
        """The document."""
        return self.model_dump(mode="json")
