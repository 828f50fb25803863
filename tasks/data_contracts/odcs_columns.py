"""Reads the columns and the key of a data contract (Open Data Contract Standard 3.0 and 3.1)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from config.errors import ConfigError
from tabular.date_formats import ISO
from tasks.data_contracts.java_dates import from_java
from tasks.data_contracts.odcs import MISSING, ORDERED, SENSITIVE, TYPE, Contract

TYPES = {
    "integer": "integer", "number": "number", "string": "category", "boolean": "category", "date": "date",
    "timestamp": "datetime",
}  # fmt: skip
"""The column type of each of ODCS's types that a column can have."""
SENSITIVE_WORDS = frozenset({SENSITIVE, "restricted", "sensitive", "pii", "personal"})
VERSIONS = ("v3.0.", "v3.1.")
LONG_TEXT = 256
"""A string with a longer maxLength, and no list of values, is free text."""

Keys = dict[str, Any]
"""The keys of a column in a use case's YAML."""


def schema_of(contract: Contract, name: str | None = None) -> dict[str, Any]:
    """Return the object of a contract called `name`, or its only one. Raises ConfigError."""
    found = str(contract.get("apiVersion", "none"))
    if contract.get("kind") != "DataContract" or not found.startswith(VERSIONS):
        raise ConfigError(f"expected kind: DataContract and apiVersion: v3.0 or v3.1, found {found}")
    objects: dict[str, dict[str, Any]] = {str(each.get("name")): each for each in contract.get("schema") or []}
    if name is None and len(objects) == 1:
        return next(iter(objects.values()))
    if name is None or name not in objects:
        raise ConfigError(
            f"schema: expected one of {', '.join(map(str, objects)) or 'one object or more'}; found {name}"
        )
    return objects[name]


def columns_of(schema: Mapping[str, Any]) -> tuple[dict[str, Keys], tuple[str, ...]]:
    """Return the columns of a contract's object as keys of the YAML, and the columns of its primary key, in order.

    Raises ConfigError for a type that no column has, such as an array.
    """
    properties = schema.get("properties") or []
    if not properties:
        raise ConfigError(f"schema {schema.get('name')}: expected properties, found none")
    columns = {each["name"]: _column(each) for each in properties}
    keyed = [each for each in properties if each.get("primaryKey")]
    keyed.sort(key=lambda each: each.get("primaryKeyPosition", -1))
    return columns, tuple(each["name"] for each in keyed)


def _column(of: Mapping[str, Any]) -> Keys:
    name, logical = of["name"], of.get("logicalType", "none")
    if logical not in TYPES:
        raise ConfigError(f"{name}: logicalType: expected one of {', '.join(TYPES)}; found {logical}")
    options, custom = of.get("logicalTypeOptions") or {}, _custom(of)
    known = ["false", "true"] if logical == "boolean" else _categories(of)
    kind = TYPES[logical] if logical != "string" else _kind_of_string(custom, options, known)
    found: Keys = {
        "type": kind,
        "header": of.get("physicalName"),
        "minimum": _limit(name, options, "minimum", logical),
        "maximum": _limit(name, options, "maximum", logical),
        "categories": known if kind == "category" else None,
        "ordered": custom.get(ORDERED),
        "max_length": options.get("maxLength") if kind == "text" else None,
        "format": _format(name, kind, options),
        "missing": custom.get(MISSING) or _missing(of),
        "nullable": not of.get("required", False) or None,
        "sensitive": str(of.get("classification", "")).lower() in SENSITIVE_WORDS or None,
        "description": of.get("description"),
    }
    return {key: value for key, value in found.items() if value is not None}


def _kind_of_string(custom: Mapping[str, Any], options: Mapping[str, Any], known: Sequence[str] | None) -> str:
    if custom.get(TYPE) in ("category", "text"):
        return str(custom[TYPE])
    return "text" if known is None and options.get("maxLength", 0) > LONG_TEXT else "category"


def _custom(of: Mapping[str, Any]) -> dict[str, Any]:
    return {each["property"]: each["value"] for each in of.get("customProperties") or []}


def _arguments(of: Mapping[str, Any], metric: str, name: str) -> list[str] | None:
    for check in of.get("quality") or []:
        if metric in (check.get("metric"), check.get("rule")):
            found = (check.get("arguments") or check).get(name)
            return [str(value) for value in found] if found else None
    return None


def _categories(of: Mapping[str, Any]) -> list[str] | None:
    return _arguments(of, "invalidValues", "validValues")


def _missing(of: Mapping[str, Any]) -> list[str] | None:
    markers = _arguments(of, "missingValues", "missingValues")
    return [marker for marker in markers if marker] or None if markers else None


def _limit(name: str, options: Mapping[str, Any], side: str, logical: str) -> Any:
    exclusive = options.get(f"exclusive{side.capitalize()}")
    if exclusive is None:
        return _moment(name, options.get(side), side)
    if logical == "integer":
        return exclusive + (1 if side == "minimum" else -1)
    raise ConfigError(
        f"{name}: expected {side} of a {logical}, found exclusive{side.capitalize()}: {exclusive}. Write {side}: a "
        "column may have that value itself"
    )


def _moment(name: str, limit: Any, side: str) -> Any:
    """Return a limit that is a text, as ODCS writes dates, as a date and time."""
    if not isinstance(limit, str):
        return limit
    try:
        return datetime.fromisoformat(limit)
    except ValueError:
        raise ConfigError(f"{name}: {side}: expected a number or a date of ISO 8601, found {limit!r}") from None


def _format(name: str, kind: str, options: Mapping[str, Any]) -> str | None:
    if kind not in ISO or not options.get("format"):
        return None
    try:
        found = from_java(options["format"])
    except ConfigError as error:
        raise ConfigError(f"{name}: logicalTypeOptions.format: {error}") from error
    return found if found != ISO[kind] else None
