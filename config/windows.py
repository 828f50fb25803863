"""Windows over time: columns that are computed from the earlier rows of the same key."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from config.column_names import name_problem
from config.documents import Document, Number, repeats
from config.split_consistency import required, unknown
from tabular import columns
from tabular.date_formats import TEMPORAL

if TYPE_CHECKING:
    from config.use_case import UseCase

Aggregate = Literal["mean", "sum", "min", "max", "last", "count", "days_since_last"]
WITHOUT_VALUES = ("count", "days_since_last")
"""The aggregates that need no column of values."""


class Window(Document):
    """An aggregate of the strictly earlier rows of the same key. Rows of the same time are not earlier."""

    aggregate: Aggregate
    """`count` is 0 without earlier rows; the others are missing."""
    of: str | None = None
    """The aggregated column: a number, or a derived column; one that is true or false counts as 1 or 0. Rows without
    a value are left out. Optional for `count` and `days_since_last`, which then take every row."""
    key: tuple[str, ...] = Field(min_length=1)
    """The column, or the columns, whose values the row and the earlier rows share."""
    time: str
    """The date or datetime column that orders the rows."""
    days: Number | None = Field(default=None, gt=0, le=1_000_000)
    """How far back the window begins, that moment included. The default is every earlier row."""
    description: str | None = None

    @field_validator("key", mode="before")
    @classmethod
    def _one_or_several(cls, key: Any) -> Any:
        return (key,) if isinstance(key, str) else key

    @model_validator(mode="after")
    def _has_values(self) -> Self:
        if self.of is None and self.aggregate not in WITHOUT_VALUES:
            raise ValueError(f"expected of, the column to aggregate, for aggregate: {self.aggregate}; found none")
        return self

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns that a row needs, so that the window can be computed for it."""
        return (*self.key, self.time)

    @property
    def phrase(self) -> str:
        """The window in words, such as `mean of score, by student, 365 days before taken_at`."""
        of = f" of {self.of}" if self.of else ""
        span = "" if self.days is None else f"{self.days:g} days "
        return f"{self.aggregate.replace('_', ' ')}{of}, by {', '.join(self.key)}, {span}before {self.time}"

    def column(self, case: "UseCase", name: str) -> columns.Column:
        """Return the window's column. It is sensitive when the values or times that it shows are."""
        shown = [self.of] if self.of else []
        shown += [self.time] if self.aggregate == "days_since_last" else []
        names = {*shown, *(source for each in shown for source in case.sources_of(each))}
        found = [case.columns.get(each) or case.derived.get(each) for each in names]
        sensitive = any(each.sensitive for each in found if each)
        if self.aggregate == "count":
            return columns.Column(name, "integer", minimum=0, sensitive=sensitive)
        return columns.Column(name, "number", nullable=True, sensitive=sensitive)


def window_problems(case: "UseCase") -> Iterator[str]:
    """Yield the mistakes of windows: their names, and the columns that they are computed from."""
    for name, window in case.windows.items():
        if problem := name_problem(name):
            yield f"windows: {problem.partition('. Rename')[0]}"
        if name in (*case.columns, *case.derived, *case.known_only_afterwards, case.target.column):
            yield f"windows: expected names that no column has, found {name!r} again"
        where = f"windows.{name}"
        yield from (f"{where}.key: expected each column once, found {each!r} again" for each in repeats(window.key))
        for each in dict.fromkeys(window.key):
            yield from required(case, each, f"{where}.key")
        yield from required(case, window.time, f"{where}.time")
        if (column := case.columns.get(window.time)) and column.type not in TEMPORAL:
            yield f"{where}.time: expected a date or datetime, found the {column.type} {window.time!r}"
        yield from _of_problems(case, where, window)


def _of_problems(case: "UseCase", where: str, window: Window) -> Iterator[str]:
    if window.of is None or window.of in case.derived:
        return
    if window.of in case.windows:
        yield f"{where}.of: expected a column of the rows, found the window {window.of!r}"
    elif (column := case.columns.get(window.of)) is None:
        yield f"{where}.of: {unknown(case, window.of)}"
    elif window.aggregate not in WITHOUT_VALUES and column.type not in ("integer", "number"):
        yield (
            f"{where}.of: expected an integer, a number or a derived column, found the {column.type} {window.of!r}. "
            f"Write a derived column that is true or false, such as `{window.of} == 'yes'`, for the share of rows"
        )
