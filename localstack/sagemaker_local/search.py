"""Search: resources of one kind by any property, also by metrics, hyperparameters and tags."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.model import StructureShape

from sagemaker_local import service_model
from sagemaker_local.errors import NotImplementedAction
from sagemaker_local.listing import read_token, write_token
from sagemaker_local.store import Query, Record

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine

_PAGE = 10
_ALL = -1
_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "GreaterThan": lambda found, asked: bool(found > asked),
    "GreaterThanOrEqualTo": lambda found, asked: bool(found >= asked),
    "LessThan": lambda found, asked: bool(found < asked),
    "LessThanOrEqualTo": lambda found, asked: bool(found <= asked),
}


def search(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """One page of the matching resources; without SortBy the last modified first.

    Raises:
        NotImplementedAction: the kind is not implemented.
        ValidationException: the token is not one that Search returned.
    """
    if request.get("VisibilityConditions"):
        raise NotImplementedAction("Search with VisibilityConditions is not implemented by SageMaker local yet.")
    kind = engine.kinds.get(request["Resource"])
    found_as = service_model.service_model().shape_for("SearchRecord")
    shape = found_as.members.get(request["Resource"]) if isinstance(found_as, StructureShape) else None
    if kind is None or shape is None:
        raise NotImplementedAction(f"Search of {request['Resource']} is not implemented by SageMaker local yet.")
    found = _sorted(_found(engine, kind.name, request), request)
    start = read_token(request["NextToken"], int) if request.get("NextToken") else 0
    end = start + request.get("MaxResults", _PAGE)
    response: dict[str, Any] = {
        "Results": [{request["Resource"]: service_model.project(each, shape)} for each in found[start:end]],
        "TotalHits": {"Value": len(found), "Relation": "EqualTo"},
    }
    if len(found) > end:
        response["NextToken"] = write_token(end)
    return response


def _found(engine: Engine, kind: str, request: dict[str, Any]) -> list[dict[str, Any]]:
    """The bodies of the matching resources, with their tags."""
    documents = []
    for record in _own(engine, kind, request):
        tags = [{"Key": key, "Value": value} for key, value in engine.store.tags(record.arn).items()]
        documents.append({**record.body, "Tags": tags} if tags else record.body)
    return [each for each in documents if _matches(each, request.get("SearchExpression", {}))]


def _sorted(found: list[dict[str, Any]], request: dict[str, Any]) -> list[dict[str, Any]]:
    """By SortBy; resources without that property come last."""
    sort_by = request.get("SortBy", "LastModifiedTime")
    known = [each for each in found if _property(each, sort_by) is not None]
    known.sort(key=lambda each: _sortable(_property(each, sort_by)))
    if request.get("SortOrder", "Descending") == "Descending":
        known.reverse()
    return known + [each for each in found if _property(each, sort_by) is None]


def _own(engine: Engine, kind: str, request: dict[str, Any]) -> list[Record]:
    """All resources of a kind. Resources of other accounts do not exist here."""
    shared = request.get("CrossAccountFilterOption") == "CrossAccount"
    return [] if shared else engine.store.find(Query(kind, limit=_ALL))


def _matches(document: dict[str, Any], expression: dict[str, Any]) -> bool:
    verdicts = [_passes(_property(document, each["Name"]), each) for each in expression.get("Filters", [])]
    verdicts += [_matches(document, each) for each in expression.get("SubExpressions", [])]
    for nested in expression.get("NestedFilters", []):
        items = _property(document, nested["NestedPropertyName"]) or []
        inner = [{**each, "Name": each["Name"].rpartition(".")[2]} for each in nested["Filters"]]
        verdicts.append(any(_matches(item, {"Filters": inner}) for item in items))
    together = any if expression.get("Operator") == "Or" else all
    return together(verdicts) if verdicts else True


def _passes(found: Any, asked: dict[str, Any]) -> bool:
    operator, value = str(asked.get("Operator", "Equals")), str(asked.get("Value", ""))
    if operator in ("Exists", "NotExists"):
        return (found is None) is (operator == "NotExists")
    if operator == "NotEquals":
        return not _equal(found, value)
    if found is None:
        return False
    if operator == "Contains":
        return value.lower() in str(found).lower()
    if operator == "In":
        return any(_equal(found, each) for each in value.split(","))
    if operator in _COMPARED:
        try:
            return _COMPARED[operator](float(found), _number(value))
        except (TypeError, ValueError):
            return _COMPARED[operator](str(found), value)
    return _equal(found, value)


def _equal(found: Any, value: str) -> bool:
    if isinstance(found, bool):
        return str(found).lower() == value.lower()
    if isinstance(found, int | float):
        try:
            return float(found) == _number(value)
        except ValueError:
            return False
    return found is not None and str(found) == value


def _number(value: str) -> float:
    """A number, or the seconds since 1970 of a time."""
    try:
        return float(value)
    except ValueError:
        return datetime.fromisoformat(value).timestamp()


def _property(document: dict[str, Any], name: str) -> Any:
    """`TrainingJobStatus`, `ResourceConfig.InstanceType`, `Metrics.auc`, `HyperParameters.depth`, `Tags.owner`."""
    first, _, rest = name.partition(".")
    if first == "Metrics" and rest:
        metrics = {each["MetricName"]: each.get("Value") for each in document.get("FinalMetricDataList", [])}
        return metrics.get(rest)
    if first == "Tags" and rest:
        return {tag["Key"]: tag["Value"] for tag in document.get("Tags", [])}.get(rest)
    found: Any = document
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _sortable(value: Any) -> tuple[int, float, str]:
    return (0, float(value), "") if isinstance(value, int | float) else (1, 0.0, str(value))
