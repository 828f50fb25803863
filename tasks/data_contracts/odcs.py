"""Writes a use case's schema as a data contract (Open Data Contract Standard 3.1.0, bitol.io)."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from config.schema import Column
from config.use_case import UseCase
from tabular.columns import shown_limit
from tabular.date_formats import ISO, TEMPORAL
from tasks.data_contracts.java_dates import to_java

API_VERSION = "v3.1.0"
LOGICAL = {
    "integer": "integer", "number": "number", "category": "string", "text": "string", "date": "date",
    "datetime": "timestamp",
}  # fmt: skip
"""ODCS's type of each column type."""
PHYSICAL = {
    "integer": "long", "number": "double", "category": "string", "text": "string", "date": "timestamp",
    "datetime": "timestamp",
}  # fmt: skip
"""Iceberg's type of each column type."""
SIZES = {"integer": "i64", "number": "f64"}
SENSITIVE = "confidential"
"""The classification of a sensitive column."""
MISSING, ORDERED, TYPE = "missingMarkers", "ordered", "columnType"
"""Custom properties of a column: texts that mean a missing value, an order of its categories, and its own type."""

Contract = dict[str, Any]
"""A contract as the content of its YAML file."""


def contract_of(use_case: UseCase, version: str) -> Contract:
    """Return the contract of a use case's schema, with a semantic version. It has no value of a row."""
    rows = {"type": "library", "metric": "rowCount", "mustBeGreaterOrEqualTo": use_case.quality.minimum_rows}
    return {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": use_case.name,
        "name": use_case.name,
        "version": version,
        "status": "active",
        "description": {"purpose": use_case.question},
        "schema": [
            {
                "name": use_case.name,
                "logicalType": "object",
                "physicalType": "table",
                "properties": [property_of(use_case, column) for column in use_case.columns.values()],
                "quality": [rows],
            }
        ],
    }


def property_of(use_case: UseCase, column: Column) -> dict[str, Any]:
    """Return a column as a property of the contract's schema."""
    name, key = str(column.name), use_case.key
    header = use_case.headers[name]
    optional = {
        "physicalName": header if header != name else None,
        "description": column.description,
        "primaryKey": True if name in key else None,
        "primaryKeyPosition": key.index(name) + 1 if name in key else None,
        "unique": True if key == (name,) else None,
        "classification": SENSITIVE if column.sensitive else None,
        "logicalTypeOptions": dict(_options(column)) or None,
        "quality": list(_quality(column)) or None,
        "customProperties": list(_custom(column)) or None,
    }
    return {
        "name": name,
        "logicalType": LOGICAL[column.type],
        "physicalType": PHYSICAL[column.type],
        "required": not column.nullable,
        **{name: value for name, value in optional.items() if value is not None},
    }


def _options(column: Column) -> Iterator[tuple[str, Any]]:
    if column.type in SIZES:
        yield "format", SIZES[column.type]
    if column.type in TEMPORAL:
        yield "format", to_java(column.format or ISO[column.type])
    if column.type == "text" and column.max_length is not None:
        yield "maxLength", column.max_length
    for name, limit in (("minimum", column.minimum), ("maximum", column.maximum)):
        if isinstance(limit, datetime):
            yield name, shown_limit(limit, column.type)
        elif limit is not None:
            yield name, int(limit) if float(limit).is_integer() else limit


def _quality(column: Column) -> Iterator[Mapping[str, Any]]:
    if column.categories is not None:
        known = {"validValues": list(column.categories)}
        yield {"type": "library", "metric": "invalidValues", "arguments": known, "mustBe": 0}


def _custom(column: Column) -> Iterator[Mapping[str, Any]]:
    if column.missing:
        yield {"property": MISSING, "value": list(column.missing)}
    if column.ordered:
        yield {"property": ORDERED, "value": True}
    if column.type in ("category", "text"):  # both are strings in ODCS
        yield {"property": TYPE, "value": column.type}
