"""Several sources, joined on keys."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from config.documents import Document, repeats
from config.sources.location import LocationSource
from config.sources.package import PackageSource
from config.sources.sql import SqlSource
from config.sources.synthetic_survey import SurveySource
from config.sources.written import NONE, WrittenSource

Part = Annotated[
    "PackageSource | LocationSource | SurveySource | SqlSource | JoinedSource", Field(discriminator="kind")
]
"""A source that is read whole."""


def read_whole(part: Any) -> Any:
    """Refuse a part without rows of its own, or one that is read from a position."""
    if not part.readable:
        raise ValueError("expected a `location`, because `--source` names the file of all parts together; found none")
    if isinstance(part, SqlSource) and part.watermark:
        raise ValueError("expected no `watermark`, because a part of a join is read whole; found one")
    if part.header == NONE:
        raise ValueError("expected `header` to list the names of the part's columns; found none")
    return part


class Aggregate(Document):
    """One value of all rows that have the same key."""

    function: Literal["count", "sum", "mean", "min", "max", "first", "last"]
    of: str | None = None
    """The column; `count` without one counts the rows."""

    @model_validator(mode="after")
    def _has_a_column(self) -> Self:
        if self.of is None and self.function != "count":
            raise ValueError(f"of: expected the column that {self.function} is of, found none")
        return self


class Join(Document):
    """A part whose columns are added to the rows of the base."""

    source: Part
    on: tuple[str, ...] | dict[str, str] = Field(min_length=1)
    """The columns of the key; as `NAME SO FAR: NAME IN THE PART` where their names differ."""
    how: Literal["left", "inner"] = "left"
    """`left` keeps the rows that match none, with missing values; `inner` leaves them out."""
    unmatched: Literal["accept", "refuse"] = "accept"
    """`refuse`: rows that match none are an error."""
    columns: tuple[str, ...] | None = None
    """The columns to add. None: all but those of the key."""
    prefix: str = ""
    """The text before the names of the added columns."""
    aggregate: dict[str, Aggregate] | None = Field(default=None, min_length=1)
    """The columns to add, where several rows of the part match. Without it, several matches are an error."""

    _whole = field_validator("source")(read_whole)

    @property
    def key_columns(self) -> dict[str, str]:
        """The name of each column of the key in the part, by its name in the rows so far."""
        return self.on if isinstance(self.on, dict) else {name: name for name in self.on}

    @model_validator(mode="after")
    def _keys_do_not_contradict(self) -> Self:
        if self.aggregate and (self.columns is not None or self.prefix):
            raise ValueError("aggregate: expected neither `columns` nor `prefix`, because it names what is added")
        if twice := repeats([*self.on, *(self.columns or ())]):
            raise ValueError(f"on, columns: expected each name once, found {', '.join(twice)} again")
        return self


class JoinedSource(WrittenSource):
    """The rows of a base, with columns of other sources. Each part has a format of its own.

    The format here is that of a `--source` file, which has the columns of all parts.
    """

    kind: Literal["joined"]
    base: Part
    joins: tuple[Join, ...] = Field(min_length=1)

    _whole = field_validator("base")(read_whole)


Join.model_rebuild()
JoinedSource.model_rebuild()
