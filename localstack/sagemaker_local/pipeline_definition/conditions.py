"""Evaluates the conditions of a Condition step."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from sagemaker_local.pipeline_definition.values import UnresolvedError

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}


def all_hold(conditions: list[dict[str, Any]]) -> bool:
    """Whether all of these (resolved) conditions hold.

    Raises:
        UnresolvedError: a condition of an unknown type, or values that can't be compared.
    """
    return all(_holds(condition) for condition in conditions)


def _holds(condition: dict[str, Any]) -> bool:
    kind = condition.get("Type")
    if kind in _COMPARISONS:
        return _compare(str(kind), condition["LeftValue"], condition["RightValue"])
    if kind == "In":
        return any(_equal(condition["QueryValue"], value) for value in condition["Values"])
    if kind == "Not":
        return not _holds(condition["Condition"])
    if kind == "Or":
        return any(_holds(each) for each in condition["Conditions"])
    raise UnresolvedError(f"ClientError: Unknown condition type {kind!r}.")


def _compare(kind: str, left: Any, right: Any) -> bool:
    if _family(left) != _family(right):
        raise UnresolvedError(
            f"ClientError: LeftValue [{left}] of type [{type(left).__name__}] and RightValue [{right}] of type "
            f"[{type(right).__name__}] are not of the same type."
        )
    try:
        return _COMPARISONS[kind](left, right)
    except TypeError:
        raise UnresolvedError(f"ClientError: {kind} is not supported between [{left}] and [{right}].") from None


def _equal(left: Any, right: Any) -> bool:
    return _family(left) == _family(right) and left == right


def _family(value: Any) -> type:
    return float if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value)
