"""Typed columns, and the rules by which `tabular.typed_cells` and `tabular.bounds` read and check their cells.

Ingestion, `vishwaops predict` and the endpoint use these rules for CSV, JSON and Parquet. Texts are stripped of blanks.

| a cell holds | integer | number | category | date, datetime |
|---|---|---|---|---|
| null, an empty text, a marker of `Column.missing` | missing | missing | missing | missing |
| `na`, `n/a`, `nan`, `null`, `none`, `<na>` in any case | missing | missing | that text | missing |
| `5`, `+5`, `007` as text | 5, 5, 7, every digit kept | 5, 5, 7 | that text | read by `format` |
| a whole number beyond 64 bits, signed | refused | its nearest 64-bit float | its digits | refused |
| `5.0` as text or number | 5 below 2^53, else refused | 5 | `5` if that is a category and `5.0` is not | as `5` |
| `5.5` | refused | 5.5 | that text | refused |
| `1e3` as text | refused: spreadsheets round so | 1000 | that text | refused |
| 1e3 as a number of JSON, which is 1000.0 | 1000 | 1000 | `1000` | refused |
| infinity, or beyond the range of a 64-bit float | refused | refused | refused; as text that text | refused |
| true, false; as text in any case | refused | refused | see below | refused |
| `1_000`, `0x10`, digits of other scripts | refused | refused | that text | refused |
| a date in `format`, such as `31/12/2017` | refused | refused | that text | that date |
| any other text, also `30/02/2017` | refused | refused | that text | refused |
| a date or time of Parquet | refused | refused | its text in ISO 8601 | that date, see below |
| a list, an object, half of a surrogate pair | refused | refused | refused | refused |
| no cell at all: the field or the column is absent | refused | refused | refused | refused |

Booleans: a text that is one of the column's categories is that category. If the column has two categories that are one
of BOOLEAN_PAIRS (`tabular.category_words`), true and 1 are the one, false and 0 the other. Otherwise they are the
category `true` or `false`, in any case. In a column without categories they are the texts `true` and `false`.

A text (`type: text`) is read as a category without categories, but every text stays as it is, also `True`. One with
more characters than `max_length` does not fit.

Dates: a text must fit the whole format of its column (`tabular.date_formats`); nothing is guessed. A date has no time
of day: a timestamp of Parquet is a date only at midnight of its own time zone. A datetime with an offset or a time zone
becomes UTC; one without does not change; a date becomes its midnight. Nanoseconds are refused.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from tabular.date_formats import DATE, date_text, described
from tabular.shown_values import inexact, shown
from tabular.suggestions import similar

_KINDS = {"integer": "a whole number", "number": "a number", "category": "a text"}

ColumnType = Literal["integer", "number", "category", "text", "date", "datetime"]
WORDED = ("category", "text")
"""The types of columns that hold texts."""
LONGEST_TEXT = 10_000
"""The default of `max_length`, in characters."""


def _described(default: Any, description: str) -> Any:
    """A field with a description for the JSON Schema, which lacks the docstrings of a dataclass's fields."""
    return field(default=default, metadata={"description": description})


@dataclass(frozen=True)
class Column:
    """One column: its type, the values that it may have, and whether they are sensitive."""

    name: str
    type: ColumnType
    minimum: float | datetime | None = None
    maximum: float | datetime | None = None
    categories: tuple[str, ...] | None = None
    nullable: bool = False
    sensitive: bool = _described(
        False, "A sensitive column's values never appear in a profile, a report, a page or a message."
    )
    missing: tuple[str, ...] = _described(
        (), "Texts that mean a missing value, in any case. A number matches in every notation."
    )
    decimal: str = "."
    thousands: str | None = None
    """The decimal and thousands marks of numbers in texts."""
    format: str | None = _described(
        None, "The format of dates, in strptime's codes (`tabular.date_formats`). The default is ISO 8601."
    )
    ordered: bool = _described(False, "The categories have an order. They are listed from the lowest to the highest.")
    max_length: int | None = _described(
        None, f"The most characters of a text. The default is {LONGEST_TEXT:,}. A longer one goes to quarantine."
    )

    @cached_property
    def expected(self) -> str:
        """The valid values of this column, as text."""
        if self.categories:
            return "one of " + ", ".join(self.categories)
        if self.type == "text":
            return f"a text of at most {self.longest:,} characters"
        kind = _KINDS.get(self.type) or described(self.format, self.type)
        limits = [shown_limit(limit, self.type) for limit in (self.minimum, self.maximum) if limit is not None]
        if len(limits) == 2:
            return f"{kind} from {limits[0]} to {limits[1]}"
        side = "at least" if self.minimum is not None else "at most"
        return f"{kind} of {side} {limits[0]}" if limits else kind

    @property
    def longest(self) -> int:
        """The most characters of a text."""
        return self.max_length or LONGEST_TEXT

    def shown(self, value: Any) -> str:
        """Return `value` as a message may show it: shortened, and hidden for a sensitive column."""
        if isinstance(value, Absent):
            return value.shown()
        if self.sensitive:
            return "(hidden: sensitive)"
        return shown(value) + (inexact(value) if self.type == "integer" else "")


def shown_limit(limit: float | datetime, kind: ColumnType) -> str:
    """A minimum or maximum as text."""
    if not isinstance(limit, datetime):
        return f"{limit:g}"
    return date_text(limit) if kind == DATE else limit.isoformat(sep=" ")


@dataclass(frozen=True, eq=False)
class Absent:
    """Represents a cell that was not sent. It differs from null."""

    name: str
    there: Collection[str]
    """The names in the request that are not features."""

    def shown(self) -> str:
        """Return what was found instead, for messages."""
        near = similar(self.name, self.there)
        return f"nothing: it is absent, but there is {near!r}" if near else "nothing: it is absent"
