"""The nodes of a checked expression."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["number", "text", "boolean", "date"]
KINDS: dict[Kind, str] = {"number": "a number", "text": "a text", "boolean": "true or false", "date": "a date"}
"""The name of each kind in messages."""


class ExpressionError(ValueError):
    """An invalid expression. The message has what was expected and what was found."""

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(f"expected {expected}; found {found}")


@dataclass(frozen=True)
class Field:
    """A column as expressions see it: its kind and, for texts, its categories."""

    kind: Kind
    categories: tuple[str, ...] | None = None
    ordered: bool = False
    """Whether the categories have an order, from the lowest to the highest."""
    node: "Node | None" = None
    """The expression of a derived column. It replaces the column's name."""


@dataclass(frozen=True)
class Constant:
    """A number, a text, true or false, or a date as text in ISO 8601."""

    value: float | str | bool
    kind: Kind


@dataclass(frozen=True)
class ColumnValue:
    """The value of a column."""

    name: str
    kind: Kind
    categories: tuple[str, ...] | None = None
    ordered: bool = False


@dataclass(frozen=True)
class Operation:
    """An operator or a function, applied to its operands."""

    name: str
    operands: "tuple[Node, ...]"
    kind: Kind


Node = Constant | ColumnValue | Operation
