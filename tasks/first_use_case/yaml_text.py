"""Writes a use case as YAML, with the reason of each guess as a comment beside its line."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import yaml

WIDTH = 120
MOST_ALIGNED = 60
"""Comments are aligned up to this column."""

Line = tuple[str, str]
"""A line of YAML and its comment, empty for none."""


def flow(value: Any) -> str:
    """Return a value as YAML on one line."""
    text = yaml.safe_dump(value, default_flow_style=True, width=10**6, allow_unicode=True, sort_keys=False)
    return text.removesuffix("\n").removesuffix("\n...")


def entry(key: str, value: Any, comment: str = "", indent: int = 0) -> Line:
    """Return the line `key: value`."""
    return f"{' ' * indent}{flow(str(key))}: {flow(_plain(value))}", comment


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return {name: _plain(part) for name, part in value.items()} if isinstance(value, dict) else value


def joined(lines: Sequence[Line]) -> str:
    """Return the lines as text. Comments beside lines are aligned; a comment that does not fit is above its line."""
    column = max((len(text) for text, comment in lines if text and len(text) <= MOST_ALIGNED and comment), default=0)
    return "".join(f"{each}\n" for text, comment in lines for each in _written(text, _visible(comment), column))


def _written(text: str, comment: str, column: int) -> list[str]:
    if not comment:
        return [text]
    beside = f"{text:<{column}}  # {comment}"
    if text and (len(beside) <= WIDTH or len(text) + len(comment) <= MOST_ALIGNED):
        return [beside]
    indent = " " * (len(text) - len(text.lstrip()))
    return [f"{indent}# {comment}", *([text] if text else [])]


def _visible(comment: str) -> str:
    """Return a comment as one line of visible characters: a header or a text of the file may hold any."""
    return "".join(char if char.isprintable() else " " for char in comment)


def wrapped(key: str, names: Sequence[str]) -> str:
    """Return `key: [a, b, ...]` in lines of at most WIDTH characters."""
    lines, line = [], f"{key}: ["
    for number, name in enumerate(names):
        part = flow([name])[1:-1] + ("]" if number + 1 == len(names) else ",")
        if len(line) + len(part) > WIDTH:
            lines.append(line.rstrip())
            line = "  "
        line += part + " "
    return "\n".join([*lines, line.rstrip()])
