"""A feature group's records: the strings of a request, checked against the group's definitions."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sagemaker_local.errors import RuntimeValidationError

RESERVED = ("is_deleted", "write_time", "api_invocation_time")
"""Columns of the offline store; no feature may have one of these names."""
_ISO_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?Z")
_INTEGER = re.compile(r"[+-]?\d{1,19}")
_LARGEST_INTEGER = 2**63 - 1
_LARGEST_RECORD = 350 * 1024
_LARGEST_IDENTIFIER = 2 * 1024
_SECONDS = {"Seconds": 1, "Minutes": 60, "Hours": 3600, "Days": 86_400, "Weeks": 604_800}
_CANNOT_PARSE = (
    "Attempted to parse the feature value for the feature named [{name}] into a FeatureValue of type {type}. "
)
_RANGES = {
    "Integral": "The provided value must be within the range of a 64-bit signed integer.",
    "Fractional": "The provided value must be within the range of a double precision floating point number defined by "
    "the IEEE 754 standard. The input format can be in either decimal form or scientific notation.",
}

Definitions = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class FeatureRecord:
    """A record that fits its group."""

    identifier: str
    event_time: float
    """Seconds since 1970."""
    values: dict[str, Any]
    """The values by feature name, in the order of the definitions: strings, or lists of strings."""


def definitions_of(group: dict[str, Any]) -> Definitions:
    """A group's feature definitions by their names."""
    return {definition["FeatureName"]: definition for definition in group["FeatureDefinitions"]}


def read_record(group: dict[str, Any], record: list[dict[str, Any]]) -> FeatureRecord:
    """Checks a PutRecord's values.

    Raises:
        RuntimeValidationError: an unknown, repeated or missing feature, a value that is not of its type, or a record or
            an identifier that is too large.
    """
    definitions, given = definitions_of(group), named_values(group, record)
    for required in (group["RecordIdentifierFeatureName"], group["EventTimeFeatureName"]):
        if not given.get(required):
            raise RuntimeValidationError(f"Validation Error: Missing required feature value for feature [{required}].")
    values = {name: given[name] for name in definitions if name in given}
    identifier = str(given[group["RecordIdentifierFeatureName"]])
    _check_sizes(identifier, values)
    return FeatureRecord(identifier, read_event_time(group, given[group["EventTimeFeatureName"]]), values)


def _check_sizes(identifier: str, values: dict[str, Any]) -> None:
    """Refuses what is over the quotas of the Developer Guide, "Quotas, naming rules and data types"."""
    if (size := len(identifier.encode())) > _LARGEST_IDENTIFIER:
        raise RuntimeValidationError(
            f"Validation Error: The record identifier has {size} bytes, more than the maximum of {_LARGEST_IDENTIFIER}."
        )
    if (size := sum(_size(name) + _size(value) for name, value in values.items())) > _LARGEST_RECORD:
        raise RuntimeValidationError(
            f"Validation Error: The record has {size} bytes, more than the maximum of {_LARGEST_RECORD}."
        )


def _size(value: str | list[str]) -> int:
    return sum(len(item.encode()) for item in ([value] if isinstance(value, str) else value))


def named_values(group: dict[str, Any], record: list[dict[str, Any]]) -> dict[str, Any]:
    """The values by their names, each checked against its definition."""
    definitions, given = definitions_of(group), dict[str, Any]()
    for feature in record:
        name = feature["FeatureName"]
        if name not in definitions:
            raise RuntimeValidationError(
                f"Validation Error: FeatureName [{name}] is not defined in FeatureGroup [{group['FeatureGroupName']}]."
            )
        if name in given:
            raise RuntimeValidationError(f"Validation Error: Duplicate feature [{name}] in the record.")
        given[name] = _given(definitions[name], feature)
    return given


def read_event_time(group: dict[str, Any], value: str) -> float:
    """Seconds since 1970 of an event time in the group's format.

    Raises:
        RuntimeValidationError: it is in another one.
    """
    name = group["EventTimeFeatureName"]
    if definitions_of(group)[name]["FeatureType"] == "Fractional":
        seconds = _fractional(name, value)
        if 0 <= seconds < 253_402_300_800:  # the year 10000
            return seconds
        raise RuntimeValidationError(
            f"Validation Error: EventTime [{value}] of feature [{name}] must be a Unix timestamp in seconds."
        )
    try:
        if _ISO_TIME.fullmatch(value):
            return datetime.fromisoformat(value).timestamp()
    except ValueError:
        pass
    raise RuntimeValidationError(
        f"Validation Error: EventTime [{value}] of feature [{name}] must be an ISO-8601 string in the format "
        "yyyy-MM-dd'T'HH:mm:ssZ or yyyy-MM-dd'T'HH:mm:ss.SSSZ."
    )


def lifetime(ttl: dict[str, Any] | None) -> float | None:
    """Seconds of a TtlDuration; None without one."""
    return ttl["Value"] * _SECONDS[ttl["Unit"]] if ttl and ttl.get("Unit") and ttl.get("Value") else None


def iso_time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def typed(definition: dict[str, Any], value: Any) -> Any:
    """A checked value as the Python type of the offline store."""
    if value is None:
        return None
    if isinstance(value, list):
        return [typed({"FeatureType": definition["FeatureType"]}, item) for item in value]
    return {"Integral": int, "Fractional": float, "String": str}[definition["FeatureType"]](value)


def _given(definition: dict[str, Any], feature: dict[str, Any]) -> Any:
    name, collection = definition["FeatureName"], definition.get("CollectionType")
    single, several = feature.get("ValueAsString"), feature.get("ValueAsStringList")
    if collection:
        if single is not None or several is None:
            raise RuntimeValidationError(
                f"Validation Error: The feature [{name}] of CollectionType {collection} takes a ValueAsStringList."
            )
        return _collection(definition, several)
    if several is not None or single is None:
        raise RuntimeValidationError(f"Validation Error: The feature [{name}] takes a ValueAsString.")
    _check_value(definition, single)
    return single


def _collection(definition: dict[str, Any], items: list[str]) -> list[str]:
    name = definition["FeatureName"]
    for item in items:
        _check_value(definition, item)
    if definition["CollectionType"] == "Set":
        return list(dict.fromkeys(items))
    dimension = definition.get("CollectionConfig", {}).get("VectorConfig", {}).get("Dimension")
    if definition["CollectionType"] == "Vector" and len(items) != dimension:
        raise RuntimeValidationError(
            f"Validation Error: The vector feature [{name}] has dimension {dimension}, but {len(items)} were given."
        )
    return items


def _check_value(definition: dict[str, Any], value: str) -> None:
    name = definition["FeatureName"]
    if definition["FeatureType"] == "Fractional":
        _fractional(name, value)
    if definition["FeatureType"] == "Integral" and not (
        _INTEGER.fullmatch(value) and -_LARGEST_INTEGER - 1 <= int(value) <= _LARGEST_INTEGER
    ):
        raise RuntimeValidationError(_CANNOT_PARSE.format(name=name, type="Integral") + _RANGES["Integral"])


def _fractional(name: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or "_" in value:
        raise RuntimeValidationError(_CANNOT_PARSE.format(name=name, type="Fractional") + _RANGES["Fractional"])
    return number
