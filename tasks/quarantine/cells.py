"""The cells that a person gives as text: typed and checked by the rules of their columns."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from tabular.bounds import out_of_bounds
from tabular.columns import Column
from tabular.date_formats import date_text
from tabular.series import typed_array


class UnfitCells(Exception):
    """Cells that do not fit their columns. The message has each with what was expected and found."""


def typed_cells(texts: Mapping[str, str], known: Mapping[str, Column], excused: Collection[str] = ()) -> dict[str, Any]:
    """Return texts by column as the values that a correction stores; null for an empty text or a missing marker.

    Raises UnfitCells when a text does not fit its column's type, range or categories, and when a column that is neither
    nullable nor among `excused` has no value.
    """
    values, problems = dict[str, Any](), list[str]()
    for name, text in texts.items():
        column = known[name]
        found, unread = typed_array(pd.Series([text], dtype=object), column)
        values[name] = as_json(found[0].as_py())
        lacks = values[name] is None and name in excused
        if unread[0] or (out_of_bounds(found, column)[0] and not lacks):
            problems.append(f"{name}: expected {column.expected}, found {column.shown(text) if text else 'nothing'}")
    if problems:
        raise UnfitCells("; ".join(problems))
    return values


def as_json(value: Any) -> Any:
    """Return a typed value as JSON has it: a number, a text, a date in ISO 8601, or null."""
    if pd.isna(value):
        return None
    if isinstance(value, datetime):
        return pd.Timestamp(value).to_pydatetime().isoformat(sep=" ")
    return value.item() if hasattr(value, "item") else value


def as_text(value: Any, column: Column) -> str:
    """Return a typed value as the text that its column reads as the same value."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime(column.format) if column.format else date_text(value)
    return repr(float(value)) if isinstance(value, float) else str(value)
