"""The JSON Schema of a request's row, from a contract (draft 2020-12, as OpenAPI 3.1 uses it)."""

from datetime import datetime
from typing import Any

from tabular.cells import LARGEST_INTEGER
from tabular.columns import Column
from tabular.contract import Contract
from tabular.date_formats import DATE, DATETIME

_DATE_FORMATS = {DATE: "date", DATETIME: "date-time"}


def row_schema(contract: Contract) -> dict[str, Any]:
    """Return the schema of a row: an object with every feature. Other fields are ignored."""
    return {
        "type": "object",
        "description": "A row. Every feature must be there, a missing value is null. Other fields are ignored.",
        "required": [column.name for column in contract.features],
        "properties": {column.name: column_schema(column) for column in contract.features},
        "additionalProperties": True,
    }


def column_schema(column: Column) -> dict[str, Any]:
    """Return the schema of a column's values, as JSON has them."""
    schema = {"description": _description(column), **_type_schema(column)}
    if column.nullable:
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    return schema


def _type_schema(column: Column) -> dict[str, Any]:
    if column.type == "integer":
        bounds = {"minimum": -LARGEST_INTEGER - 1, "maximum": LARGEST_INTEGER, **_bounds(column)}
        return {"type": "integer", "format": "int64", **bounds}
    if column.type == "number":
        return {"type": "number", "format": "double", **_bounds(column)}
    if column.categories:
        return {"type": "string", "enum": list(column.categories)}
    if column.type in _DATE_FORMATS:
        return {"type": "string", **({} if column.format else {"format": _DATE_FORMATS[column.type]})}
    longest = {"maxLength": column.longest} if column.type == "text" else {}
    return {"type": "string", **longest, **({} if column.nullable else {"minLength": 1})}


def _bounds(column: Column) -> dict[str, Any]:
    limits = {"minimum": column.minimum, "maximum": column.maximum}
    return {name: _plain(limit) for name, limit in limits.items() if limit is not None}


def _plain(limit: float | datetime) -> Any:
    return int(limit) if isinstance(limit, float) and limit.is_integer() else limit


def _description(column: Column) -> str:
    """Describe the valid values in a sentence."""
    expected = column.expected[0].upper() + column.expected[1:]
    markers = ", ".join(map(repr, column.missing))
    missing = f" Missing: null{', or ' + markers if markers else ''}." if column.nullable else ""
    return f"{expected}.{missing}{' Sensitive: no message shows its values.' if column.sensitive else ''}"
