"""Turns pydantic's errors into messages: the key, what was expected and what was found."""

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import ValidationError

from config.variables import without_secrets

SHOWN = 20
"""The number of mistakes that a message lists."""
TAGS = ("kind", "by")
"""The keys whose value chooses a class, such as `kind: location`."""
UNKNOWN = object()
"""Replaces content that the caller does not have."""
_MAPPING = "keys and their values"
_LIST = "a list"
EXPECTED: dict[str, str] = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "date_from_datetime_inexact": "a date such as 2026-01-31",
    "date_from_datetime_parsing": "a date such as 2026-01-31",
    "date_parsing": "a date such as 2026-01-31",
    "date_type": "a date such as 2026-01-31",
    "dataclass_type": _MAPPING,
    "datetime_from_date_parsing": "a date and time such as 2026-01-31T12:00:00Z",
    "datetime_parsing": "a date and time such as 2026-01-31T12:00:00Z",
    "datetime_type": "a date and time such as 2026-01-31T12:00:00Z",
    "dict_type": _MAPPING,
    "finite_number": "a finite number",
    "float_parsing": "a number",
    "float_type": "a number",
    "frozen_set_type": _LIST,
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number of at most 64 bits",
    "int_type": "a whole number",
    "invalid_key": "a text as a key",
    "list_type": _LIST,
    "model_attributes_type": _MAPPING,
    "model_type": _MAPPING,
    "none_required": "nothing",
    "set_type": _LIST,
    "string_type": "a text",
    "string_unicode": "a text",
    "tuple_type": _LIST,
    "union_tag_not_found": "a mapping with the key {discriminator}",
    "greater_than": "a number above {gt}",
    "greater_than_equal": "a number of at least {ge}",
    "less_than": "a number below {lt}",
    "less_than_equal": "a number of at most {le}",
    "literal_error": "one of {expected}",
    "union_tag_invalid": "one of {expected_tags}",
    "missing": "a value",
    "extra_forbidden": "no such key",
    "string_pattern_mismatch": "a text of the form {pattern}",
    "string_too_long": "a text of at most {max_length} characters",
    "string_too_short": "a text of at least {min_length} characters",
    "too_long": "at most {max_length} entries",
    "too_short": "at least {min_length} entries",
}
"""The expected value by pydantic's error type. Braces are names of the error's context."""
_TEXTS = frozenset({"string_type", "literal_error"})


def explain(error: ValidationError, title: str, content: Any = UNKNOWN) -> str:
    """Return a line that begins with `title` (a file or a record), then a line for each mistake in `content`."""
    return listing(title, mistakes(error, content))


def mistakes(error: ValidationError, content: Any = UNKNOWN) -> list[str]:
    """Return a line for each mistake in `content`."""
    details = [detail for detail in error.errors(include_url=False) if not _follows(detail)]
    lines = [line for detail in details for line in _lines(detail, content)]
    return [without_secrets(line) for line in lines]


def _follows(detail: Any) -> bool:
    """Whether the error follows from another one: pydantic drops wrong entries, so the list is too short."""
    return bool(detail["type"] == "too_short" and len(detail["input"]) >= detail["ctx"]["min_length"])


def listing(title: str, lines: Sequence[str]) -> str:
    """Return `title`, the number of mistakes, and the first SHOWN of them, one a line."""
    more = [f"  ... and {len(lines) - SHOWN:,} more"] if len(lines) > SHOWN else []
    count = f"{len(lines):,} {'mistake' if len(lines) == 1 else 'mistakes'}"
    return "\n".join([f"{title}: {count}", *(f"  {line}" for line in lines[:SHOWN]), *more])


def _lines(detail: Any, content: Any) -> Iterator[str]:
    tag = (detail["ctx"]["discriminator"].strip("'"),) if detail["type"] == "union_tag_invalid" else ()
    key = ".".join((*_keys(detail["loc"], content), *tag))
    for sentence in _sentences(detail):
        yield f"{key}: {sentence}" if key else sentence


def _keys(location: tuple[str | int, ...], content: Any) -> Iterator[str]:
    """The keys as the file has them, without pydantic's additions: the kind of a source or split, and `[key]`."""
    if content is UNKNOWN:
        yield from map(str, location)
        return
    tagged: Any = None
    for number, part in enumerate(location):
        if content is not tagged and _is_tag(content, part):
            tagged = content
            continue
        if isinstance(content, dict) and (key := _find(content, part)) is not None:
            content = content[key]
        elif isinstance(content, list | tuple) and isinstance(part, int) and part < len(content):
            content = content[part]
        elif number + 1 < len(location) or part == "[key]" or not isinstance(content, dict):
            continue
        yield str(part)[:80] if str(part).isprintable() else ascii(part)[:80]


def _is_tag(content: Any, part: str | int) -> bool:
    return isinstance(content, dict) and any(content.get(name) == part for name in TAGS)


def _find(content: dict[Any, Any], part: str | int) -> Any:
    return next((key for key in content if key == part or str(key) == str(part)), None)


def _sentences(detail: Any) -> list[str]:
    """What was expected and what was found. The project's own validators give both, one a line."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "value_error":
        return str(context["error"]).split("\n")
    if kind == "missing":
        return ["expected a value, found nothing"]
    expected = EXPECTED.get(kind, "another value").format(**context)
    found = detail["input"]
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        name = context["discriminator"].strip("'")
        found = found.get(name) if isinstance(found, dict) else found
    return [f"expected {expected}; found {shown(found)}{_hint(kind, found)}"]


def shown(value: Any) -> str:
    """Return `value` shortened, as a message shows it."""
    if value is None:
        return "nothing"
    if value == {} or value == []:
        return "an empty " + ("list" if value == [] else "mapping")
    text = without_secrets(str(value).lower() if isinstance(value, bool) else repr(value))  # before it is shortened
    return text if len(text) <= 120 else text[:117] + "..."


def _hint(kind: str, found: Any) -> str:
    if kind not in _TEXTS or isinstance(found, str | dict | list) or found is None:
        return ""
    if isinstance(found, bool):
        return ". Quote it: YAML reads yes, no, on and off as true and false"
    return ". Quote it, to be a text"
