"""JSON by RFC 8259, for everything that is stored, answered or read: without NaN and infinity, in both directions."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

DEEPEST = 200
"""Levels of nesting. Code that follows a value by recursion needs several of Python's 1,000 frames for each level."""


class NotJson(ValueError):
    """A text that is not JSON, or JSON that can't be stored. The message is for its sender."""


def dumps(value: Any, **options: Any) -> str:
    """The JSON text of a value; `options` are those of `json.dumps`.

    Raises:
        ValueError: a number in it is not finite.
    """
    return json.dumps(value, allow_nan=False, **options)


def loads(text: str | bytes) -> Any:
    """The value of a JSON text, in which every number is finite.

    Raises:
        NotJson: it is malformed, nested too deeply, not UTF-8, or has a number that JSON or a double can't represent.
    """
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except NotJson:
        raise
    except RecursionError:
        raise NotJson("it is nested too deeply") from None
    except UnicodeDecodeError:
        raise NotJson("it is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise NotJson(str(error)) from None
    except ValueError:  # Python reads no integer of more than 4,300 digits
        raise NotJson("a number has too many digits") from None
    if _openings(text) > DEEPEST and _is_deeper(value, DEEPEST):
        raise NotJson("it is nested too deeply")
    return value


def loads_stored(text: str) -> Any:
    """Reads a body in which an earlier version may have stored a number that is not finite: null replaces it."""
    return json.loads(text, parse_constant=lambda _: None)


def _openings(text: str | bytes) -> int:
    return text.count("{") + text.count("[") if isinstance(text, str) else text.count(b"{") + text.count(b"[")


def _is_deeper(value: Any, levels: int) -> bool:
    """Whether a value has more levels than `levels`, without recursion."""
    level = [value]
    for _ in range(levels + 1):
        level = [each for each in level if isinstance(each, dict | list)]
        level = [item for each in level for item in (each.values() if isinstance(each, dict) else each)]
    return bool(level)


def _refuse(constant: str) -> NoReturn:
    raise NotJson(f"{constant} is not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise NotJson(f"the number {text[:20]} is too large")
    return number
