"""The cells of a sheet's column as an Arrow array: of the type of all its cells, or texts."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

import pyarrow as pa

from tabular.cells import EXACT, number_text

TEXT = pa.large_string()
_ALONE: dict[frozenset[str], pa.DataType] = {
    frozenset({"integer"}): pa.int64(),
    frozenset({"integer", "number"}): pa.float64(),
    frozenset({"number"}): pa.float64(),
    frozenset({"boolean"}): pa.bool_(),
    frozenset({"date"}): pa.date32(),
    frozenset({"datetime"}): pa.timestamp("us"),
    frozenset({"date", "datetime"}): pa.timestamp("us"),
}
"""The type of a column whose cells have these kinds only."""


def column_type(cells: Iterable[Any]) -> pa.DataType:
    """Return the Arrow type of a column with these cells. An empty cell is an empty text."""
    return _ALONE.get(frozenset({_kind(cell) for cell in cells if cell != ""}), TEXT)


def column_of(cells: Iterable[Any], kind: pa.DataType, decimal: str) -> pa.Array:
    """Return the (n,) cells of a column of the type `kind` of `column_type`, with null for empty ones."""
    if kind == TEXT:
        return pa.array([None if cell == "" else shown(cell, decimal) for cell in cells], TEXT)
    values = [None if cell == "" else cell for cell in cells]
    if kind == pa.int64():
        return pa.array([None if value is None else int(value) for value in values], kind)
    if kind == pa.timestamp("us"):
        return pa.array([_moment(value) for value in values], kind)
    return pa.array(values, kind)


def shown(cell: Any, decimal: str) -> str:
    """Return the text of a cell."""
    match cell:
        case str():
            return cell
        case bool():
            return "true" if cell else "false"
        case int() | float():
            return number_text(float(cell)).replace(".", decimal) if isinstance(cell, float) else str(cell)
        case datetime():
            return cell.isoformat(sep=" ")
        case date() | time():
            return cell.isoformat()
        case _:
            return str(cell)


def _kind(cell: Any) -> str:
    match cell:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "integer" if cell.is_integer() and abs(cell) < EXACT else "number"
        case datetime():
            return "datetime"
        case date():
            return "date"
        case timedelta() | time():
            return "time"
        case _:
            return "text"


def _moment(value: date | None) -> datetime | None:
    return value if value is None or isinstance(value, datetime) else datetime(value.year, value.month, value.day)
