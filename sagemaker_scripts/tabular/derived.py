"""Derived columns: each is computed from the columns of a row by an expression, the same in training and serving."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa

from tabular.columns import Column
from tabular.expressions import Expression, ExpressionError, Field, Kind, names_in, parse

if TYPE_CHECKING:
    import pandas as pd

DerivedType = Literal["number", "category"]
FALSE_TRUE = ("false", "true")
"""The categories of a derived category, whose expression is false or true."""
KINDS: dict[str, Kind] = {
    "integer": "number", "number": "number", "category": "text", "text": "text", "date": "date", "datetime": "date",
}  # fmt: skip
"""The kind of each type of column inside an expression."""
_RESULTS: dict[str, Kind] = {"number": "number", "category": "boolean"}


@dataclass(frozen=True, kw_only=True)
class Derived:
    """A derived column."""

    name: str
    expression: str
    type: DerivedType
    """A `number`, or a `category` with the texts `false` and `true`. Where the expression is null, it is missing."""
    sensitive: bool = False

    @property
    def column(self) -> Column:
        """The column, as the model's pipeline takes it."""
        categories = FALSE_TRUE if self.type == "category" else None
        return Column(self.name, self.type, categories=categories, nullable=True, sensitive=self.sensitive)


@dataclass
class Resolved:
    """Checked derived columns, each after the ones that it uses."""

    fields: dict[str, Field]
    """All columns as fields of further expressions, with the valid derived ones."""
    expressions: dict[str, Expression] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    """What is wrong with invalid ones, by name, as `expected ...; found ...`. Those that use them are not listed."""
    invalid: set[str] = field(default_factory=set)
    """The derived columns that have no expression here, because it, or one that it uses, is invalid."""


def resolve(columns: Iterable[Column], derived: Mapping[str, Derived]) -> Resolved:
    """Check the expressions of derived columns, which may use the columns and each other, but not in a circle."""
    found = Resolved({column.name: _field(column) for column in columns})
    for name in derived:
        _resolve(name, derived, found, ())
    return found


def _field(column: Column) -> Field:
    return Field(KINDS[column.type], column.categories, column.ordered)


def _resolve(name: str, derived: Mapping[str, Derived], found: Resolved, users: Sequence[str]) -> None:
    """Add a derived column after those that it uses. `users` are the columns that use it, the outermost first."""
    if name in found.expressions or name in found.invalid:
        return
    try:
        _require_no_circle(name, users)
        used = sorted(names_in(derived[name].expression) & derived.keys())
        for other in used:
            _resolve(other, derived, found, (*users, name))
        if found.invalid.intersection((name, *used)):
            found.invalid.add(name)
            return
        parsed = parse(derived[name].expression, found.fields, _RESULTS[derived[name].type])
        if not parsed.names:
            raise ExpressionError("an expression over at least one column", repr(derived[name].expression))
    except ExpressionError as error:
        found.problems[name] = str(error)
        found.invalid.add(name)
        return
    found.expressions[name] = parsed
    found.fields[name] = Field(parsed.kind, node=parsed.root)


def _require_no_circle(name: str, users: Sequence[str]) -> None:
    if name in users:
        circle = " -> ".join([*users[users.index(name) :], name])
        raise ExpressionError("derived columns that do not use each other in a circle", circle)


def values_of(expression: Expression, columns: Mapping[str, Any], rows: int) -> pa.Array:
    """Compute a derived column over (rows,) columns: floats, or the texts of FALSE_TRUE; null where it has no value."""
    found = expression.evaluate({name: columns[name] for name in expression.names}, rows)
    if expression.kind == "boolean":
        return pa.DictionaryArray.from_arrays(
            pa.array(found.data.astype("int32"), mask=found.null), pa.array(FALSE_TRUE)
        )
    return pa.array(np.asarray(found.data, dtype="float64"), mask=found.null)


def series_of(expression: Expression, frame: "pd.DataFrame") -> "pd.Series":
    """Compute a derived column of the (n, columns) frame: float64, or texts; NaN where it has no value."""
    found = values_of(expression, {name: frame[name] for name in expression.names}, len(frame))
    return found.to_pandas().set_axis(frame.index)


def batch_with(batch: pa.RecordBatch, expressions: Mapping[str, Expression]) -> pa.RecordBatch:
    """Return the batch with derived columns at its end. A derived category is a column of texts."""
    columns = {name: batch.column(name) for name in batch.schema.names}
    for name, expression in expressions.items():
        found = values_of(expression, columns, len(batch))
        columns[name] = found.cast(pa.string()) if expression.kind == "boolean" else found
    return pa.RecordBatch.from_pydict(columns)
