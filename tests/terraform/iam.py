"""Evaluates IAM policies as AWS does within one account: an explicit Deny wins, an Allow is needed in the role's policy
and in its boundary (IAM User Guide, "Policy evaluation logic"). An unknown condition operator raises an error."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

Statement = Mapping[str, Any]


@dataclass(frozen=True)
class Request:
    """One call: `context` holds the condition keys' values."""

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)


def allowed(request: Request, policy: Sequence[Statement], boundary: Sequence[Statement] | None = None) -> bool:
    """Whether `policy`, within `boundary`, lets the request through."""
    layers = [policy] if boundary is None else [policy, boundary]
    if any(_applies(s, request) for layer in layers for s in layer if s["Effect"] == "Deny"):
        return False
    return all(any(_applies(s, request) for s in layer if s["Effect"] == "Allow") for layer in layers)


def _applies(statement: Statement, request: Request) -> bool:
    return (
        _names(statement, "Action", request.action, fold=True)
        and _names(statement, "Resource", request.resource)
        and all(
            _holds(operator, key, _many(values), request.context.get(key))
            for operator, pairs in statement.get("Condition", {}).items()
            for key, values in pairs.items()
        )
    )


def _names(statement: Statement, part: str, value: str, *, fold: bool = False) -> bool:
    if f"Not{part}" in statement:
        return not _matches(_many(statement[f"Not{part}"]), value, fold)
    return _matches(_many(statement[part]), value, fold)


def _matches(patterns: Sequence[str], value: str, fold: bool = False) -> bool:
    if fold:
        patterns, value = [pattern.lower() for pattern in patterns], value.lower()
    return any(fnmatchcase(value, pattern.replace("[", "[[]")) for pattern in patterns)


def _holds(operator: str, key: str, values: Sequence[str], found: str | None) -> bool:
    match operator:
        case "Null":
            return (found is None) == (values[0] == "true")
        case "StringEquals" | "Bool":
            return found in values
        case "StringNotEquals":
            return found not in values
        case "StringLike" | "ArnLike" | "ArnEquals":
            return found is not None and _matches(values, found)
    raise NotImplementedError(f"{operator} on {key}: a policy uses it. Add it to this evaluator")


def _many(value: Any) -> list[str]:
    return list(value) if isinstance(value, list) else [value]
