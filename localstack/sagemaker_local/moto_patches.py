"""Answers that moto lacks and Terraform needs: anomaly monitors, subscribers of budgets, some tags."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

Request = dict[str, Any]
_TAGGED = {"application-autoscaling": "Tags", "budgets": "ResourceTags", "ce": "ResourceTags"}
_SERVICE_DEFAULTS = {"availabilityZoneRebalancing": "DISABLED", "enableECSManagedTags": False}


class UnknownAnomaly(Exception):
    """The monitor or subscription does not exist; the error code is the first argument."""


class MotoPatches:
    """Answers some actions in place of moto. Its state is in memory, as moto's. Not thread-safe."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._tags: dict[str, dict[str, str]] = {}
        self._kept: dict[str, dict[str, Any]] = {}
        self._subscribers: dict[tuple[Any, ...], list[dict[str, str]]] = {}
        self._services: dict[str, dict[str, Any]] = {}
        self._tag_actions = {"ListTagsForResource": self._list, "TagResource": self._tag, "UntagResource": self._untag}

    def answer(self, service: str, action: str, request: Request) -> dict[str, Any] | None:
        """The response, or None if moto answers.

        Raises:
            UnknownAnomaly: the request names a missing one.
        """
        if service == "ce" and "Anomaly" in action:
            kind = "Monitor" if "Monitor" in action else "Subscription"
            verb: Callable[[str, Request], dict[str, Any]] | None = {
                "Create": self._create,
                "Update": self._update,
                "Delete": self._delete,
            }.get(action[:6], self._get if action.startswith("GetAnomaly" + kind) else None)
            return verb(kind, request) if verb else None
        if action == "DescribeSubscribersForNotification":
            key = _notification(request["BudgetName"], request["Notification"])
            return {"Subscribers": self._subscribers.get(key, [])}
        arn = request.get("ResourceARN") or request.get("ResourceArn") or ""
        if service in _TAGGED and action in self._tag_actions and (service != "ce" or arn in self._kept):
            return self._tag_actions[action](service, arn, request)
        return None

    def complete(self, service: str, action: str, request: Request, response: dict[str, Any]) -> None:
        """Stores members of a request that moto ignores, and adds to a response the members that moto leaves out."""
        if action == "RegisterScalableTarget" and response.get("ScalableTargetARN"):
            self._tag(service, response["ScalableTargetARN"], request)
        if action == "CreateBudget":
            name = request["Budget"]["BudgetName"]
            self._tag(service, f"arn:aws:budgets::{self._account}:budget/{name}", request)
            for each in request.get("NotificationsWithSubscribers", []):
                self._subscribers[_notification(name, each["Notification"])] = each["Subscribers"]
        if action == "CreateNotification":
            key = _notification(request["BudgetName"], request["Notification"])
            self._subscribers[key] = request["Subscribers"]
        if service == "ecs":
            for shown in [*response.get("services", []), *filter(None, [response.get("service")])]:
                self._complete_service(request, shown, new=action == "CreateService")

    def _complete_service(self, request: Request, shown: dict[str, Any], *, new: bool) -> None:
        told = _SERVICE_DEFAULTS if new else self._services.get(shown["serviceArn"], _SERVICE_DEFAULTS)
        told = {name: request.get(name, value) for name, value in told.items()}
        self._services[shown["serviceArn"]] = told
        for name, value in told.items():
            shown.setdefault(name, value)

    def _create(self, kind: str, request: Request) -> dict[str, Any]:
        arn = f"arn:aws:ce::{self._account}:anomaly{kind.lower()}/{uuid4()}"
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        born = {"CreationDate": now, "LastUpdatedDate": now} if kind == "Monitor" else {"AccountId": self._account}
        self._kept[arn] = {**request[f"Anomaly{kind}"], **born, f"{kind}Arn": arn}
        self._tag("ce", arn, request)
        return {f"{kind}Arn": arn}

    def _get(self, kind: str, request: Request) -> dict[str, Any]:
        wanted = request.get(f"{kind}ArnList") or [arn for arn in self._kept if f":anomaly{kind.lower()}/" in arn]
        return {f"Anomaly{kind}s": [self._require(kind, arn) for arn in wanted]}

    def _update(self, kind: str, request: Request) -> dict[str, Any]:
        self._require(kind, request[f"{kind}Arn"]).update(request)
        return {f"{kind}Arn": request[f"{kind}Arn"]}

    def _delete(self, kind: str, request: Request) -> dict[str, Any]:
        self._require(kind, request[f"{kind}Arn"])
        del self._kept[request[f"{kind}Arn"]]
        return {}

    def _require(self, kind: str, arn: str) -> dict[str, Any]:
        if arn not in self._kept:
            raise UnknownAnomaly(f"Unknown{kind}Exception", f"There is no anomaly {kind.lower()} {arn}.")
        return self._kept[arn]

    def _list(self, service: str, arn: str, request: Request) -> dict[str, Any]:
        tags = self._tags.get(arn, {})
        pairs = [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
        return {_TAGGED[service]: tags if service == "application-autoscaling" else pairs}

    def _tag(self, service: str, arn: str, request: Request) -> dict[str, Any]:
        given = request.get(_TAGGED[service]) or {}
        new = given if isinstance(given, dict) else {tag["Key"]: tag["Value"] for tag in given}
        self._tags[arn] = {**self._tags.get(arn, {}), **new}
        return {}

    def _untag(self, service: str, arn: str, request: Request) -> dict[str, Any]:
        gone = request.get("TagKeys") or request.get("ResourceTagKeys") or []
        self._tags[arn] = {key: value for key, value in self._tags.get(arn, {}).items() if key not in gone}
        return {}


def _notification(budget: str, notification: dict[str, Any]) -> tuple[Any, ...]:
    """The key of a budget's notification."""
    return (
        budget,
        *(notification.get(member) for member in ("NotificationType", "ComparisonOperator")),
        float(notification["Threshold"]),
    )
