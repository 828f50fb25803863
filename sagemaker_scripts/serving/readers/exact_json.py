"""Parses JSON exactly: it finds repeated keys and keeps every digit of large numbers."""

import json
from dataclasses import dataclass
from typing import Any

from serving.readers.text import decoded
from serving.rejected import bad_request

EXACT_DIGITS = 18
"""A whole number with more digits is read as text, which is exact and has no limit of digits in Python."""


class Repeated(dict[str, Any]):
    """A JSON object with a repeated key."""

    name: str


@dataclass(frozen=True)
class Unread:
    """A row that is not JSON."""

    found: str


def parse(body: bytes | str) -> Any:
    """Return the content of a body of JSON. Raises Rejected if it is not JSON."""
    text = decoded(body)
    if not text.strip():
        raise bad_request("Body: expected rows as JSON, found nothing")
    try:
        return _loads(text)
    except RecursionError:
        raise bad_request("Body: expected rows of single values, found JSON with too many levels") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise bad_request(f"Body: expected JSON, found something else at {where}") from error
    except ValueError as error:
        raise bad_request(f"Body: expected JSON, found {error}") from error


def parse_line(text: str) -> Any:
    """Return the content of one line of JSON Lines, or Unread."""
    try:
        return _loads(text)
    except RecursionError:
        return Unread("too many levels")
    except json.JSONDecodeError as error:
        return Unread(f"something else at column {error.colno}")
    except ValueError as error:
        return Unread(str(error))


def _loads(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_object, parse_int=_whole, parse_constant=no_number)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    repeated, seen = Repeated(found), set[str]()
    repeated.name = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
    return repeated


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= EXACT_DIGITS else digits


def no_number(token: str) -> Any:
    """Raise ValueError for NaN and the infinities, which Python's parser accepts."""
    raise ValueError(f"{token}, which is not a number in JSON")
