"""The List verb: each member of its request becomes a part of the store's query, or is refused.

AWS reads a page of MaxResults resources and filters that page, so a page may be short or empty and still have a
NextToken ("the MaxResults number of training jobs are first retrieved ignoring the StatusEquals parameter and then they
are filtered", ListTrainingJobs in the API reference). `page_before_filter` does the same.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sagemaker_local import service_model, strict_json
from sagemaker_local.arns import name_of
from sagemaker_local.errors import NotImplementedAction, ValidationException
from sagemaker_local.resource_kind import Condition, ResourceKind
from sagemaker_local.store import Query, Record, Store
from sagemaker_local.validation import seconds

PAGING = ("MaxResults", "NextToken", "SortBy", "SortOrder")
_DEFAULT_PAGE = 10
_ALL = -1
# A group's packages are a list of their own, although the API reference calls the member a filter.
_SCOPE = "ModelPackageGroupName"
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
    filters: tuple[Condition, ...] = ()
    """The conditions that are applied to the page after it is read."""

    @classmethod
    def of(cls, kind: ResourceKind, request: dict[str, Any], page_before_filter: bool = False) -> Page:
        """Raises AwsError for a member or a SortBy that is not implemented, and for a token that no List returned."""
        order = _order(kind, request.get("SortBy") or kind.sort_by)
        direction = request.get("SortOrder") or ("Descending" if kind.newest_first else "Ascending")
        size = request.get("MaxResults") or _DEFAULT_PAGE
        after = _position(request["NextToken"]) if request.get("NextToken") else None
        scope, filters = _scope_and_filters(kind, request)
        if not page_before_filter:
            scope, filters = (*scope, *filters), ()
        query = Query(kind.name, scope, order.column, direction.lower() == "descending", after, size + 1)
        return cls(query, order, size, filters)

    def shown(self, store: Store, found: list[Record]) -> list[Record]:
        """The records of the page that its filters leave."""
        page = found[: self.size]
        if not self.filters:
            return page
        among = ("sequence IN (SELECT value FROM json_each(?))", strict_json.dumps([each.sequence for each in page]))
        left = {each.sequence for each in store.find(Query(self.query.kind, (*self.filters, among), limit=_ALL))}
        return [each for each in page if each.sequence in left]

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


def _scope_and_filters(
    kind: ResourceKind, request: dict[str, Any]
) -> tuple[tuple[Condition, ...], tuple[Condition, ...]]:
    """The conditions of a List: those that say what is listed, and those that only leave out some of it."""
    scope_members = {*service_model.input_shape(kind.action("List")).required_members, _SCOPE}
    found = dict(_conditions(kind, request))
    scope = [condition for member, condition in found.items() if member in scope_members]
    filters = [condition for member, condition in found.items() if member not in scope_members]
    own_filter = any(request.get(member) is not None for member in kind.list_filter_members)
    (filters if own_filter else scope).extend(kind.list_filter(request))
    return tuple(scope), tuple(filters)


def _conditions(kind: ResourceKind, request: dict[str, Any]) -> Iterator[tuple[str, Condition]]:
    for member, value in request.items():
        if member in PAGING or member in kind.list_filter_members or value is None:
            continue
        yield member, _condition(kind, member, value)


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
