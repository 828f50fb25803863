"""The List verb: each member of its request becomes a part of the store's query, or is refused."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sagemaker_local import strict_json
from sagemaker_local.arns import name_of
from sagemaker_local.errors import NotImplementedAction, ValidationException
from sagemaker_local.resource_kind import Condition, ResourceKind
from sagemaker_local.store import Query, Record
from sagemaker_local.validation import seconds

PAGING = ("MaxResults", "NextToken", "SortBy", "SortOrder")
_DEFAULT_PAGE = 10
# Endings of SortBy values, in lower case and without underscores, and their columns.
_SORT_COLUMNS = {
    "name": "name",
    "status": "status",
    "modifiedtime": "modified",
    "creationtime": "created",
    "createtime": "created",
    "executionarn": "name",
    "version": "created",
}
_NAME_CONTAINS = ("NameContains", "UserProfileNameContains", "SpaceNameContains")
_TIMES = {
    "CreationTimeAfter": "created >= ?",
    "CreationTimeBefore": "created <= ?",
    "CreatedAfter": "created >= ?",
    "CreatedBefore": "created <= ?",
    "ModifiedTimeAfter": "modified >= ?",
    "ModifiedTimeBefore": "modified <= ?",
    "LastModifiedTimeAfter": "modified >= ?",
    "LastModifiedTimeBefore": "modified <= ?",
}


@dataclass(frozen=True)
class Order:
    """The order of a List: by a column of the store, or by the body's `member`."""

    column: str
    member: str = ""

    def value(self, record: Record) -> Any:
        """The value by which a record is sorted."""
        if not self.member:
            return getattr(record, self.column)
        found: Any = record.body
        for part in self.member.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        return found or ""


@dataclass(frozen=True)
class Page:
    """One page of a List."""

    query: Query
    order: Order
    size: int

    @classmethod
    def of(cls, kind: ResourceKind, request: dict[str, Any]) -> Page:
        """Raises AwsError for a member or a SortBy that is not implemented, and for a token that no List returned."""
        order = _order(kind, request.get("SortBy") or kind.sort_by)
        direction = request.get("SortOrder") or ("Descending" if kind.newest_first else "Ascending")
        size = request.get("MaxResults") or _DEFAULT_PAGE
        after = _position(request["NextToken"]) if request.get("NextToken") else None
        conditions = (*_conditions(kind, request), *kind.list_filter(request))
        query = Query(kind.name, conditions, order.column, direction.lower() == "descending", after, size + 1)
        return cls(query, order, size)

    def token(self, found: list[Record]) -> dict[str, str]:
        """The NextToken, if the query found more than one page."""
        if len(found) <= self.size:
            return {}
        last = found[self.size - 1]
        return {"NextToken": write_token([self.order.value(last), last.sequence])}


def write_token(value: Any) -> str:
    """The NextToken that encodes a value."""
    return base64.urlsafe_b64encode(strict_json.dumps(value).encode()).decode()


def read_token(token: str, kind: type) -> Any:
    """The value of a NextToken, which must be of this type.

    Raises:
        ValidationException: no List returned this token.
    """
    try:
        value = strict_json.loads(base64.urlsafe_b64decode(token))
    except ValueError:
        value = None
    if not isinstance(value, kind):
        raise ValidationException("Invalid NextToken: it is not one that this List returned.")
    return value


def _conditions(kind: ResourceKind, request: dict[str, Any]) -> Iterator[Condition]:
    for member, value in request.items():
        if member in PAGING or member in kind.list_filter_members or value is None:
            continue
        yield _condition(kind, member, value)


def _condition(kind: ResourceKind, member: str, value: Any) -> Condition:
    if member in _TIMES:
        return _TIMES[member], seconds(value)
    if member == "StatusEquals":
        return "status = ?", value
    if member in _NAME_CONTAINS:
        return _contains(kind.bare_name), value
    if member in kind.contains:
        return _contains(_member(kind.contains[member])), value
    if member in kind.filters:  # a resource may also be named by its ARN
        return f"{_member(kind.filters[member])} = ?", name_of(value) if member.endswith("Name") else value
    raise NotImplementedAction(f"{kind.action('List')} with {member} is not implemented by SageMaker local yet.")


def _contains(expression: str) -> str:
    return f"instr(lower({expression}), lower(?)) > 0"


def _member(path: str) -> str:
    return f"json_extract(body, '$.{path}')"


def _order(kind: ResourceKind, sort_by: str) -> Order:
    if member := kind.sorts.get(sort_by):
        return Order(f"COALESCE({_member(member)}, '')", member)
    words = sort_by.replace("_", "").lower()
    for ending, column in _SORT_COLUMNS.items():
        if words.endswith(ending):
            return Order(column)
    raise NotImplementedAction(f"{kind.action('List')} sorted by {sort_by} is not implemented by SageMaker local yet.")


def _position(token: str) -> tuple[Any, int]:
    match read_token(token, list):
        case [str() | int() | float() | None as value, int(sequence)] if abs(sequence) < 2**63:
            return value, sequence
    raise ValidationException("Invalid NextToken: it is not one that this List returned.")
