"""Checks a request against the service model, with AWS's messages."""

import json
import math
import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from sagemaker_local.errors import SerializationException, ValidationException

# Java's character classes in the syntax of Python's `re`, inside brackets.
_SYMBOLS = r"!-/:-@\[-`{-~\u00a1-\U0010ffff"
_JAVA_CLASSES = {
    r"\p{ASCII}*": r"[\x00-\x7f]*",
    r"\p{L}": r"\w",
    r"\p{M}": r"\u0300-\u036f",
    r"\p{N}": r"\d",
    r"\p{Z}": r"\s",
    r"\p{S}": _SYMBOLS,
    r"\p{P}": _SYMBOLS,
    r"\p{Alnum}": "a-zA-Z0-9",
    r"\p{Print}": r"\x20-\x7e",
    r"\z": r"\Z",
    "${": "(?:){",
}
_LARGEST = {"integer": 2**31 - 1, "long": 2**63 - 1}
_LATEST = 253_402_300_799  # seconds since 1970 of the end of the year 9999
_TOKENS = {str: "STRING_VALUE", bool: "TRUE_VALUE", int: "NUMBER_VALUE", float: "NUMBER_VALUE"}
_JAVA_TYPES: dict[str, tuple[type | tuple[type, ...], str]] = {
    "string": (str, "a String"),
    "boolean": (bool, "a Boolean"),
    "integer": (int, "an Integer"),
    "long": (int, "a Long"),
    "float": ((int, float), "a Float"),
    "double": ((int, float), "a Double"),
    "timestamp": ((int, float, str), "a Date"),
    "blob": (str, "a Blob"),
}


def check(request: Any, shape: StructureShape) -> None:
    """Refuses a request that the shape does not allow.

    Raises:
        SerializationException: a member of the wrong JSON type, as AWS's own protocol layer answers.
        ValidationException: one or more broken constraints, all named in one message.
    """
    try:
        found = [*_problems(request, shape, "")]
    except RecursionError:
        raise SerializationException("The request is nested too deeply.") from None
    if found:
        count = f"{len(found)} validation error{'s' if len(found) > 1 else ''} detected"
        raise ValidationException(f"{count}: {'; '.join(found)}")


def _problems(value: Any, shape: Shape, path: str) -> Iterator[str]:
    _check_type(value, shape)
    match shape:
        case StructureShape():
            yield from _structure_problems(value, shape, path)
        case ListShape():
            yield from _length_problems(value, shape, path)
            for position, item in enumerate(value, start=1):
                yield from _problems(item, shape.member, f"{path}.{position}.member")
        case MapShape():
            yield from _length_problems(value, shape, path)
            yield from _map_problems(value, shape, path)
        case StringShape():
            yield from _string_problems(value, shape, path)
        case _ if shape.type_name in ("integer", "long", "float", "double"):
            yield from _number_problems(value, shape, path)


def _structure_problems(value: dict[str, Any], shape: StructureShape, path: str) -> Iterator[str]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield f"Value null at '{_member(path, name)}' {_FAILED} Member must not be null"
    for name, item in value.items():
        if name not in shape.members:
            known = ", ".join(shape.members)
            yield f"Value at '{_member(path, name)}' {_FAILED} Member must be one of [{known}]"
        elif item is not None:
            yield from _problems(item, shape.members[name], _member(path, name))


def _map_problems(value: dict[str, Any], shape: MapShape, path: str) -> Iterator[str]:
    for part, shape_of_part, items in (("keys", shape.key, value.keys()), ("value", shape.value, value.values())):
        for item in items:
            broken = [text.rsplit(f"{_FAILED} ", 1)[1] for text in _problems(item, shape_of_part, path)]
            if broken:
                constraint = f"Map {part} must satisfy constraint: [{', '.join(broken)}]"
                yield f"Value '{_shown(value, shape)}' at '{path}' {_FAILED} {constraint}"
                break


def _string_problems(value: str, shape: StringShape, path: str) -> Iterator[str]:
    yield from _length_problems(value, shape, path)
    if shape.enum and value not in shape.enum:
        yield _broken(value, shape, path, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
    pattern = shape.metadata.get("pattern")
    if pattern and len(value) <= 100_000 and not _matches(pattern, value):
        yield _broken(value, shape, path, f"Member must satisfy regular expression pattern: {pattern}")


def _length_problems(value: Any, shape: Shape, path: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if high is not None and len(value) > high:
        yield _broken(value, shape, path, f"Member must have length less than or equal to {high}")
    if low is not None and len(value) < low:
        yield _broken(value, shape, path, f"Member must have length greater than or equal to {low}")


def _number_problems(value: float, shape: Shape, path: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if high is not None and value > high:
        yield _broken(value, shape, path, f"Member must have value less than or equal to {high}")
    if low is not None and value < low:
        yield _broken(value, shape, path, f"Member must have value greater than or equal to {low}")


_FAILED = "failed to satisfy constraint:"


def _broken(value: Any, shape: Shape, path: str, constraint: str) -> str:
    return f"Value '{_shown(value, shape)}' at '{path}' {_FAILED} {constraint}"


def _shown(value: Any, shape: Shape) -> str:
    if shape.metadata.get("sensitive"):
        return "*** sensitive ***"
    return value if isinstance(value, str) else json.dumps(value)


def _member(path: str, name: str) -> str:
    camel = name[:1].lower() + name[1:]
    return f"{path}.{camel}" if path else camel


def _check_type(value: Any, shape: Shape) -> None:
    kind = shape.type_name
    if kind in ("structure", "map"):
        if not isinstance(value, dict):
            raise SerializationException("Unexpected token where a structure or a map was expected.")
    elif kind == "list":
        if not isinstance(value, list):
            raise SerializationException("Unexpected token where a list was expected.")
    elif isinstance(value, dict):
        raise SerializationException("Start of structure or map found where not expected.")
    elif isinstance(value, list):
        raise SerializationException("Start of list found where not expected.")
    else:
        types, named = _JAVA_TYPES[kind]
        right = isinstance(value, types) and (kind == "boolean" or not isinstance(value, bool))
        if not (right and _fits(value, kind)):
            token = _TOKENS.get(type(value), "NULL")
            raise SerializationException(f"{token} can not be converted to {named}")


def _fits(value: Any, kind: str) -> bool:
    """Whether Java's type can hold it: numbers are finite and in range, times are times, text is Unicode."""
    if kind in _LARGEST:
        return bool(-_LARGEST[kind] - 1 <= value <= _LARGEST[kind])
    try:
        if kind in ("float", "double"):
            return math.isfinite(value)
        if kind == "timestamp":
            return abs(seconds(value)) <= _LATEST
        if kind == "string":
            value.encode()
    except (ValueError, OverflowError, OSError):  # UnicodeEncodeError, of half a surrogate pair, is a ValueError
        return False
    return True


def seconds(time: float | str) -> float:
    """Seconds since 1970 of a request's timestamp: a number, or ISO 8601.

    Raises:
        ValueError: it is neither.
    """
    return datetime.fromisoformat(time).timestamp() if isinstance(time, str) else float(time)


def _matches(pattern: str, value: str) -> bool:
    compiled = _compiled(pattern)
    return compiled is None or compiled.fullmatch(value) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """The Java pattern in Python's syntax; None if it can't be translated, so that nothing valid is refused."""
    try:
        return re.compile(_in_python(pattern))
    except re.error:
        return None


def _in_python(pattern: str) -> str:
    for java, python in _JAVA_CLASSES.items():
        pattern = pattern.replace(java, python)
    return pattern
