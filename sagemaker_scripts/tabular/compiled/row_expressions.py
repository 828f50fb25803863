"""Computes derived columns of one row: an expression becomes Python code over functions of single values.

A null is None, and a date a datetime. Each function does for one value what `tabular.expressions.values` does for
arrays.
"""

import math
import operator
from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np

from tabular.cells import EXACT
from tabular.expressions.date_parts import DAY
from tabular.expressions.nodes import ColumnValue, Constant, Node, Operation


class NotForRows(ValueError):
    """What only arrays compute, such as the words of a text."""


def code_of(node: Node, names: dict[str, str], namespace: dict[str, Any]) -> str:
    """Return the Python code of an expression, and add what it names to `namespace`.

    `names` has the variable of each column. Only fixed names of this module enter the code, no text of the expression.
    Raises NotForRows.
    """
    if isinstance(node, ColumnValue):
        return names[node.name]
    if isinstance(node, Constant):
        return _constant(node, namespace)
    operands = [code_of(operand, names, namespace) for operand in node.operands]
    return f"{_function(node, namespace)}({', '.join(operands)})"


def _constant(node: Constant, namespace: dict[str, Any]) -> str:
    if isinstance(node.value, int) and abs(node.value) > EXACT:
        raise NotForRows  # arrays compare it as a float
    name = f"constant_{len(namespace)}"
    namespace[name] = datetime.fromisoformat(str(node.value)) if node.kind == "date" else node.value
    return name


def _function(node: Operation, namespace: dict[str, Any]) -> str:
    name = f"operation_{list(OPERATIONS).index(node.name)}"
    namespace[name] = OPERATIONS[node.name]
    return name


def _arithmetic(compute: Callable[..., Any]) -> Callable[..., float | None]:
    def operation(*operands: float | None) -> float | None:
        if None in operands:
            return None
        try:
            found = float(compute(*map(float, operands)))  # type: ignore[arg-type]
        except (ArithmeticError, ValueError):
            return None
        return found if math.isfinite(found) else None

    return operation


def _counted(compute: Callable[..., float]) -> Callable[..., float | None]:
    """Return a number of texts or dates."""

    def operation(*operands: Any) -> float | None:
        return None if None in operands else float(compute(*operands))

    return operation


def _comparison(compare: Callable[[Any, Any], bool]) -> Callable[..., bool | None]:
    def operation(left: Any, right: Any) -> bool | None:
        return None if left is None or right is None else compare(left, right)

    return operation


def _by_array(compute: Callable[..., Any]) -> Callable[..., Any]:
    """Compute with NumPy, whose last bit may differ from that of the C library."""

    def operation(*operands: float) -> Any:
        with np.errstate(all="ignore"):
            return compute(*operands)

    return operation


def _round(value: float, digits: float = 0.0) -> float:
    power = 10.0 ** abs(int(digits))
    return round(value * power) / power if digits >= 0 else round(value / power) * power


def _ratio(dividend: float, divisor: float, other: float = 0.0) -> float:
    return other if divisor == 0 else dividend / divisor


def _clip(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def _days_between(start: datetime, end: datetime) -> float:
    passed = end - start
    return float(passed.days * DAY + passed.seconds * 1_000_000 + passed.microseconds) / DAY


def _and(*operands: bool | None) -> bool | None:
    return False if False in operands else None if None in operands else True


def _or(*operands: bool | None) -> bool | None:
    return True if True in operands else None if None in operands else False


def _not(operand: bool | None) -> bool | None:
    return None if operand is None else not operand


def _in(value: Any, *members: Any) -> bool | None:
    return None if value is None else value in members


def _rank(value: str | None, *members: str) -> int | None:
    return members.index(value) if value in members else None


OPERATIONS: dict[str, Callable[..., Any]] = {
    "+": _arithmetic(operator.add),
    "-": _arithmetic(operator.sub),
    "*": _arithmetic(operator.mul),
    "/": _arithmetic(operator.truediv),
    "//": _arithmetic(operator.floordiv),
    "%": _arithmetic(operator.mod),
    "**": _arithmetic(_by_array(np.power)),
    "negate": _arithmetic(operator.neg),
    "abs": _arithmetic(abs),
    "floor": _arithmetic(math.floor),
    "log": _arithmetic(_by_array(np.log)),
    "log1p": _arithmetic(_by_array(np.log1p)),
    "sqrt": _arithmetic(math.sqrt),
    "clip": _arithmetic(_clip),
    "ratio": _arithmetic(_ratio),
    "length": _counted(len),
    "year": _counted(lambda date: date.year),
    "month": _counted(lambda date: date.month),
    "day": _counted(lambda date: date.day),
    "day_of_week": _counted(datetime.isoweekday),
    "hour": _counted(lambda date: date.hour),
    "days_between": _counted(_days_between),
    "round": _arithmetic(_round),
    "min": _arithmetic(min),
    "max": _arithmetic(max),
    "==": _comparison(operator.eq),
    "!=": _comparison(operator.ne),
    "<": _comparison(operator.lt),
    "<=": _comparison(operator.le),
    ">": _comparison(operator.gt),
    ">=": _comparison(operator.ge),
    "and": _and,
    "or": _or,
    "not": _not,
    "in": _in,
    "rank": _rank,
    "not in": lambda *operands: _not(_in(*operands)),
    "is null": lambda operand: operand is None,
    "is not null": lambda operand: operand is not None,
}
