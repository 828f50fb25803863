"""Typed columns: turns what a source or a caller wrote into values, and says what does not fit."""

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "<na>"})
"""What stands for a missing number, whatever its case. Of a category only the empty text is missing."""


@dataclass(frozen=True)
class Column:
    """What the values of one column may be."""

    name: str
    type: str
    """`integer`, `number` or `category`."""
    expected: str
    """The same in words, for messages."""
    minimum: float | None = None
    maximum: float | None = None
    categories: tuple[str, ...] | None = None
    nullable: bool = False
    sensitive: bool = False

    def shown(self, value: Any) -> str:
        """`value` as a message may show it."""
        if self.sensitive:
            return "(hidden: sensitive)"
        if pd.isna(value):
            return "nothing"
        return _number_text(value) if isinstance(value, Real) else repr(value)


@dataclass(frozen=True)
class Problem:
    """One value that does not fit its column."""

    row: int
    """Counted from 0."""
    column: str
    expected: str
    found: str


def as_text(values: pd.Series) -> pd.Series:
    """The values of a column as text, missing ones as NaN; 1.0 and 1 are both "1". Shape (n,) → (n,)."""
    if pd.api.types.is_bool_dtype(values):
        return values.map({True: "1", False: "0"}).astype(object)
    if pd.api.types.is_numeric_dtype(values):
        return values.map(_number_text).astype(object)
    return values.map(_cell_text).astype(object)


def _number_text(value: Any) -> Any:
    if pd.isna(value):
        return np.nan
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _cell_text(value: Any) -> Any:
    if value is None or (isinstance(value, float) and np.isnan(value)) or value is pd.NA:
        return np.nan
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float):
        return _number_text(value)
    return str(value).strip() or np.nan


def typed(values: pd.Series, column: Column) -> tuple[pd.Series, pd.Series]:
    """Turn the (n,) values of a column into its type.

    Returns the (n,) typed values (float64 for integers and numbers, str objects for categories, NaN where missing)
    and an (n,) boolean mask of the values that can't be of this type, which are NaN in the first.
    """
    text = as_text(values)
    if column.type == "category":
        return _known_codes(text, column.categories or ()), pd.Series(False, index=values.index)
    stated = text.notna() & ~text.str.lower().isin(MISSING)
    numbers = pd.to_numeric(text.where(stated), errors="coerce").astype("float64")
    bad = stated & ~np.isfinite(numbers)
    if column.type == "integer":
        bad |= stated & (numbers % 1 != 0)
    return numbers.mask(bad), bad


def _known_codes(text: pd.Series, categories: Sequence[str]) -> pd.Series:
    """Read 1.0 as the category 1 where there is no category 1.0: so pandas writes codes beside missing ones."""
    as_code = text.str.removesuffix(".0")
    return text.where(text.isin(categories) | ~as_code.isin(categories), as_code)


def frame_of(rows: pd.DataFrame, columns: Sequence[Column]) -> tuple[pd.DataFrame, list[Problem]]:
    """Type and check rows that a caller sent.

    Returns the (n, len(columns)) frame, in the order of `columns`, and every problem, by row.
    """
    typed_columns: dict[str, pd.Series] = {}
    problems: list[Problem] = []
    for column in columns:
        raw = rows[column.name] if column.name in rows else pd.Series(np.nan, index=rows.index, dtype=object)
        values, bad = typed(raw, column)
        bad |= out_of_bounds(values, column)
        typed_columns[column.name] = values
        problems += [
            Problem(int(row), column.name, column.expected, column.shown(raw.iloc[row]))
            for row in np.flatnonzero(bad.to_numpy())
        ]
    return pd.DataFrame(typed_columns, index=rows.index), sorted(problems, key=lambda p: p.row)


def out_of_bounds(values: pd.Series, column: Column) -> pd.Series:
    """An (n,) boolean mask of typed values that are missing without leave, out of range or of no known category."""
    present = values.notna()
    bad = pd.Series(False, index=values.index) if column.nullable else ~present
    if column.categories is not None:
        bad |= present & ~values.isin(column.categories)
    if column.minimum is not None:
        bad |= present & (values < column.minimum)
    if column.maximum is not None:
        bad |= present & (values > column.maximum)
    return bad
