"""Evaluates IAM policies as AWS does within one account: an explicit Deny wins, an Allow is needed in the role's policy
and in its boundary (IAM User Guide, "Policy evaluation logic"). An unknown condition operator raises an error."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

Statement = Mapping[str, Any]
Context = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class Request:
    """One call: `context` holds the condition keys' values, a list for a key with several."""

    action: str
    resource: str
    context: Context = field(default_factory=dict)


def allowed(request: Request, policy: Sequence[Statement], boundary: Sequence[Statement] | None = None) -> bool:
    """Whether `policy`, within `boundary`, lets the request through."""
    layers = [policy] if boundary is None else [policy, boundary]
    if any(_applies(s, request) for layer in layers for s in layer if s["Effect"] == "Deny"):
        return False
    return all(any(_applies(s, request) for s in layer if s["Effect"] == "Allow") for layer in layers)


def trusted(claims: Context, trust: Sequence[Statement]) -> bool:
    """Whether a trust policy, which names no resource, lets a token or session with these condition keys in."""
    return any(s["Effect"] == "Allow" and holds(s.get("Condition", {}), claims) for s in trust)


def holds(condition: Mapping[str, Mapping[str, Any]], context: Context) -> bool:
    """Whether every operator of a Condition block holds."""
    return all(
        _holds(operator, key, _many(values), context.get(key))
        for operator, pairs in condition.items()
        for key, values in pairs.items()
    )


def _applies(statement: Statement, request: Request) -> bool:
    return (
        _names(statement, "Action", request.action, fold=True)
        and _names(statement, "Resource", request.resource)
        and holds(statement.get("Condition", {}), request.context)
    )


def _names(statement: Statement, part: str, value: str, *, fold: bool = False) -> bool:
    if f"Not{part}" in statement:
        return not _matches(_many(statement[f"Not{part}"]), value, fold)
    return _matches(_many(statement[part]), value, fold)


def _matches(patterns: Sequence[str], value: str, fold: bool = False) -> bool:
    if fold:
        patterns, value = [pattern.lower() for pattern in patterns], value.lower()
    return any(fnmatchcase(value, pattern.replace("[", "[[]")) for pattern in patterns)


_EQUAL: dict[str, Callable[[Sequence[str], str], bool]] = {
    "StringEquals": lambda values, found: found in values,
    "Bool": lambda values, found: found in values,
    "StringLike": _matches,
    "ArnLike": _matches,
    "ArnEquals": _matches,  # as ArnLike (IAM User Guide, "Condition operators")
}
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnLike",
    "ArnNotLike": "ArnLike",
}


def _holds(operator: str, key: str, values: Sequence[str], found: str | Sequence[str] | None) -> bool:
    if operator == "Null":
        return (found is None) == (values[0] == "true")
    each = operator.removeprefix("ForAnyValue:").removeprefix("ForAllValues:")
    test, present = each.removesuffix("IfExists"), [] if found is None else _many(found)
    if operator.startswith("ForAnyValue:"):
        return any(_one(test, key, values, value) for value in present)
    if operator.startswith("ForAllValues:"):
        return all(_one(test, key, values, value) for value in present)
    if found is None:
        return each != test or test in _NEGATED
    if len(present) > 1:
        raise NotImplementedError(f"{operator} on {key}: a key with several values needs ForAnyValue or ForAllValues")
    return _one(test, key, values, present[0])


def _one(test: str, key: str, values: Sequence[str], found: str) -> bool:
    if test in _NEGATED:
        return not _EQUAL[_NEGATED[test]](values, found)
    if test not in _EQUAL:
        raise NotImplementedError(f"{test} on {key}: a policy uses it. Add it to this evaluator")
    return _EQUAL[test](values, found)


def _many(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
