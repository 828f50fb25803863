"""The stored form of a profile: a JSON document that can be read without the profiler.

tasks/README.md documents each key.
"""

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION = 1
RANKS = tuple(rank / 200 for rank in range(201))
"""The ranks of the stored quantiles: every half per cent."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Distribution(_Part):
    """The distribution of a numeric column's values, without missing ones."""

    minimum: float
    maximum: float
    mean: float
    stddev: float
    points: tuple[float, ...] = Field(min_length=1)
    """The distinct quantiles at RANKS, ascending."""
    below: tuple[float, ...]
    """The share of the values below each point."""
    up_to: tuple[float, ...]
    """The share of the values at or below each point."""

    def quantile(self, rank: float) -> float:
        """Return the first point with more than a share `rank` of the values at or below it, else the last point."""
        place = int(np.searchsorted(self.up_to, rank, side="right"))
        return self.points[min(place, len(self.points) - 1)]

    def share_below(self, value: float) -> float:
        """Return the share of the values below `value`: exact at a point, interpolated between two points."""
        place = int(np.searchsorted(self.points, value))
        if place == len(self.points):
            return 1.0
        if self.points[place] == value or place == 0:
            return self.below[place]
        span = (self.points[place - 1], self.points[place])
        return float(np.interp(value, span, (self.up_to[place - 1], self.below[place])))

    def share_up_to(self, value: float) -> float:
        """Return the share of the values at or below `value`: exact at a point, interpolated between two points."""
        place = int(np.searchsorted(self.points, value))
        if place < len(self.points) and self.points[place] == value:
            return self.up_to[place]
        return self.share_below(value)


class NumberProfile(_Part):
    """The profile of a numeric column, or of the lengths of a column of texts, in characters."""

    type: Literal["integer", "number", "text"]
    count: int
    """Rows."""
    missing: int
    """The number of rows without a finite value."""
    distinct: int
    """Estimated."""
    distribution: Distribution | None
    """None when every value is missing."""


class CategoryProfile(_Part):
    """The profile of a categorical column."""

    type: Literal["category"] = "category"
    count: int
    missing: int
    distinct: int
    frequent: dict[str, int]
    """The number of rows by value, most frequent first. Exact for up to about 700 distinct values."""


ColumnProfile = Annotated[NumberProfile | CategoryProfile, Field(discriminator="type")]


class Profile(_Part):
    """The profile of n rows: figures of each profiled column, without any row."""

    schema_version: Literal[1] = SCHEMA_VERSION  # type: ignore[assignment]
    rows: int
    columns: dict[str, ColumnProfile]

    def content(self) -> dict[str, Any]:
        """The profile as a JSON document."""
        return self.model_dump(mode="json")
