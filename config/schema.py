"""The columns of a use case, and its target."""

import sys
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, TypeAdapter, ValidationInfo, field_validator, model_validator
from pydantic.dataclasses import dataclass
from pydantic.json_schema import SkipJsonSchema

from config.documents import Document, repeats, require_known_keys
from config.explanations import shown
from tabular import columns, date_formats
from tabular.date_formats import DATE, TEMPORAL
from tabular.derived import DerivedType

Task = Literal["binary", "multiclass", "regression"]


def _limit(value: Any) -> float | datetime | None:
    """Return a limit of a number as a float, and of a date as a datetime: in UTC when it has an offset."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, date):
        return datetime.combine(value, time())
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if value is None or (number and abs(value) <= sys.float_info.max):
        return None if value is None else float(value)
    raise ValueError(f"expected a finite number, or a date such as 2026-01-31 without quotes; found {shown(value)}")


_NEWER = ("missing", "format", "ordered", "max_length")
Unlisted = Annotated[SkipJsonSchema[str | None], Field(exclude=True)]
"""A field that is not a key of the YAML."""


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid", use_attribute_docstrings=True))
class Column(columns.Column):
    """One column: its type, the values that it may have, and whether they are sensitive."""

    name: Unlisted = ""  # type: ignore[assignment]
    decimal: Unlisted = "."  # type: ignore[assignment]
    thousands: Unlisted = None
    header: str | None = None
    """The column's name in the source, when it differs from the key."""
    description: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _knows_every_key(cls, content: Any) -> Any:
        require_known_keys(content, _KEYS)
        return content

    @field_validator("minimum", "maximum", mode="before")
    @classmethod
    def _limit(cls, value: Any) -> float | datetime | None:
        return _limit(value)

    @field_validator("format")
    @classmethod
    def _format_fits_the_type(cls, format: str | None, others: ValidationInfo) -> str | None:
        kind = others.data.get("type")
        if format is None or kind is None:
            return format
        if kind not in TEMPORAL:
            raise ValueError(f"expected a format only for a date or datetime; found one for type: {kind}")
        if found := list(date_formats.problems(format, kind)):
            raise ValueError("\n".join(found))
        return format

    @model_validator(mode="after")
    def _limits_fit_the_type(self) -> Self:
        if self.type == "category" and self._limits:
            raise ValueError("expected categories of a category, found a minimum or maximum")
        if self.type == "text" and self._limits:
            raise ValueError("expected max_length of a text, found a minimum or maximum")
        if any(isinstance(limit, datetime) != (self.type in TEMPORAL) for limit in self._limits):
            expected, found = ("dates", "a number") if self.type in TEMPORAL else ("numbers", "a date")
            raise ValueError(f"expected {expected} as minimum and maximum of type: {self.type}; found {found}")
        if self.type == DATE and any(isinstance(limit, datetime) and limit.time() != time() for limit in self._limits):
            raise ValueError("expected minimum and maximum of type: date without a time; found a time")
        if self.type != "category" and self.categories is not None:
            raise ValueError(f"expected type: category for a column with categories, found type: {self.type}")
        if self.ordered and len(self.categories or ()) < 2:
            raise ValueError(
                "expected two categories or more, from the lowest to the highest, of an ordered category; found "
                f"{', '.join(self.categories or ()) or 'none'}. Write `categories: [low, high]`, or leave out `ordered`"
            )
        if self.max_length is not None and (self.type != "text" or self.max_length < 1):
            raise ValueError(
                f"expected max_length, 1 or more, only for type: text; found {self.max_length} for type: {self.type}"
            )
        if self.categories is not None and (not self.categories or repeats(self.categories)):
            found = ", ".join(map(repr, repeats(self.categories))) + " again" if self.categories else "none"
            raise ValueError(f"expected one category or more, each once; found {found}")
        if unseen := [text for text in self.categories or () if text != text.strip() or not text]:
            raise ValueError(f"expected categories without blanks around them, found {unseen[0]!r}")
        markers = {marker.strip().lower() for marker in self.missing}
        if both := [text for text in self.categories or () if text.lower() in markers]:
            raise ValueError(f"expected missing to have none of the categories, found {both[0]!r} in both")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:  # type: ignore[operator]
            found = " and ".join(columns.shown_limit(limit, self.type) for limit in self._limits)
            raise ValueError(f"expected minimum at or below maximum, found {found}")
        return self

    @property
    def _limits(self) -> list[float | datetime]:
        return [limit for limit in (self.minimum, self.maximum) if limit is not None]

    def described(self) -> dict[str, Any]:
        """Return the column as JSON. Newer keys are left out unless set, so that the digests of older schemas stay."""
        unused = {name for name in _NEWER if not getattr(self, name)}
        return _COLUMN.dump_python(self, mode="json", exclude=unused)  # type: ignore[no-any-return]


_COLUMN: TypeAdapter[Column] = TypeAdapter(Column)
_KEYS = tuple(_COLUMN.json_schema()["properties"])


class DerivedColumn(Document):
    """A column that an expression over other columns computes, the same in training and at the endpoint."""

    expression: str
    """An expression (`tabular.expressions`) over columns and other derived columns: `passed / taken`."""
    type: DerivedType
    """`number`, or `category` for an expression that is true or false; its texts are `true` and `false`."""
    description: str | None = None
    sensitive: bool = False
    """A derived column is also sensitive when it is computed from a sensitive one."""


class Target(Document):
    """What is predicted: a column of the schema, or a rule over its columns."""

    column: str
    task: Task
    rule: str | None = None
    """An expression (`tabular.expressions`), true or false for each row. True is the second of `classes`."""
    classes: tuple[str, ...] | None = None
    """The classes. For a binary target, the second one is the positive class."""

    @model_validator(mode="after")
    def _classes_fit_the_task(self) -> Self:
        count, repeated = len(self.classes or ()), repeats(self.classes or ())
        if repeated or "" in (self.classes or ()):
            raise ValueError(
                f"expected each class once, and none empty; found {', '.join(map(repr, repeated or ['']))}"
            )
        if padded := [name for name in self.classes or () if name != name.strip()]:
            raise ValueError(f"expected classes without blanks around them, found {padded[0]!r}")
        if self.rule is not None and self.task != "binary":
            raise ValueError(f"expected a rule only for a binary target; found one for task: {self.task}")
        if self.task == "regression" and count:
            raise ValueError(f"expected no classes for a regression; found {count}")
        if self.task == "binary" and count != 2:
            raise ValueError(f"expected two classes for a binary target, found {count}")
        if self.task == "multiclass" and count < 3:
            raise ValueError(f"expected three classes or more for a multiclass target, found {count}")
        return self
