"""The stored form of a profile: a JSON document that can be read without the profiler.

tasks/README.md documents each key.
"""

from functools import cached_property
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

SCHEMA_VERSION = 2


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Histogram(_Part):
    """Exact numbers of rows in bins, ascending. Bins of two histograms are equal, nested or disjoint."""

    low: tuple[float, ...]
    """The least number that belongs to each bin."""
    high: tuple[float, ...]
    """The greatest number that belongs to each bin; equals `low` where the bin is one number."""
    rows: tuple[int, ...]

    @cached_property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """`low` and `high`: (bins,) each."""
        return np.array(self.low, np.float64), np.array(self.high, np.float64)

    @cached_property
    def counts(self) -> np.ndarray:
        """`rows`: (bins,)."""
        return np.array(self.rows, np.int64)

    @model_validator(mode="after")
    def _equal_lengths(self) -> Self:
        if not len(self.low) == len(self.high) == len(self.rows):
            raise ValueError(
                f"expected as many bounds as rows; found {len(self.low)}, {len(self.high)} and {len(self.rows)}"
            )
        return self


class Distribution(_Part):
    """The distribution of a numeric column's values, without missing ones."""

    minimum: float
    maximum: float
    mean: float
    stddev: float
    histogram: Histogram | None = None
    """None in a profile of version 1, which had quantiles estimated to about 1 %."""


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
    """The number of rows by value, most frequent first: exact if `complete`, else estimated, of the frequent values."""
    complete: bool = True
    """Whether `frequent` has every value."""
    sample: dict[str, int] = Field(default_factory=dict)
    """Exact numbers of rows of the values with the smallest hashes; empty if `complete`."""
    buckets: tuple[int, ...] = ()
    """Exact numbers of rows by hash of the value; empty if `complete`."""


ColumnProfile = Annotated[NumberProfile | CategoryProfile, Field(discriminator="type")]


class Profile(_Part):
    """The profile of n rows: figures of each profiled column, without any row."""

    schema_version: Literal[1, 2] = SCHEMA_VERSION  # type: ignore[assignment]
    rows: int
    columns: dict[str, ColumnProfile]

    def content(self) -> dict[str, Any]:
        """The profile as a JSON document."""
        return self.model_dump(mode="json")

    @model_validator(mode="before")
    @classmethod
    def _of_version_1(cls, content: Any) -> Any:
        """Take what is exact from a document of version 1."""
        if not isinstance(content, dict) or content.get("schema_version") != 1:
            return content
        columns = content.get("columns", {})
        return {**content, "columns": {name: _upgraded(column) for name, column in columns.items()}}


ESTIMATED_IN_VERSION_1 = {"points", "below", "up_to"}


def _upgraded(column: dict[str, Any]) -> dict[str, Any]:
    if "frequent" in column:
        present = column["count"] - column["missing"]
        return {"complete": sum(column["frequent"].values()) == present, **column}
    if not column.get("distribution"):
        return column
    exact = {key: value for key, value in column["distribution"].items() if key not in ESTIMATED_IN_VERSION_1}
    return {**column, "distribution": exact}
