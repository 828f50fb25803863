"""The generic engine: the verbs of every kind, by its ResourceKind and the service model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sagemaker_local import quotas, service_model
from sagemaker_local.arns import Account, name_of
from sagemaker_local.behaviour import Behaviour
from sagemaker_local.clock import Clock
from sagemaker_local.errors import (
    ConflictException,
    NotImplementedAction,
    ResourceInUse,
    ResourceNotFound,
    ValidationException,
)
from sagemaker_local.executors import Executors
from sagemaker_local.idempotency import ClientTokens
from sagemaker_local.listing import Page
from sagemaker_local.resource_kind import ResourceKind
from sagemaker_local.store import NameTakenError, Record, Store
from sagemaker_local.validation import check

_ERRORS = {e.code: e for e in (ResourceInUse, ResourceNotFound, ConflictException, ValidationException)}

Request = dict[str, Any]
Response = dict[str, Any]


class Engine:
    """Answers the actions of the control plane. Safe to call from several threads."""

    def __init__(
        self, store: Store, clock: Clock, account: Account, executors: Executors, behaviour: Behaviour | None = None
    ) -> None:
        from sagemaker_local.resources import KINDS, OPERATIONS

        self.store, self.clock, self.account, self.executors = store, clock, account, executors
        self.behaviour = behaviour or Behaviour()
        self._tokens = ClientTokens(store, clock)
        self.kinds = KINDS
        self._operations: dict[str, Callable[[Request], Response]] = {}
        for kind in KINDS.values():
            for verb in kind.verbs:
                self._operations[kind.action(verb)] = self._generic(verb, kind)
        for action, handler in OPERATIONS.items():
            self._operations[action] = self._special(handler)

    @property
    def actions(self) -> list[str]:
        """The actions that are answered."""
        return sorted(self._operations)

    def call(self, action: str, request: Request) -> Response:
        """Answers one action: checks the request, does it, and returns the response's members.

        Raises:
            AwsError: the error that AWS would answer.
        """
        shape = service_model.operation(action).input_shape
        if action not in self._operations:
            raise NotImplementedAction(f"{action} is not implemented by SageMaker local yet.")
        if shape is not None:
            check(request, shape)
        return self._tokens.once(action, request, lambda: self._operations[action](request))

    # The verbs.

    def create(self, kind: ResourceKind, request: Request) -> Response:
        """Stores a checked request as a new resource, and starts it if the kind runs something."""
        body = {**kind.defaults, **request}
        tags = {tag["Key"]: tag["Value"] for tag in body.pop("Tags", [])}
        kind.prepare(self, body)
        now = self.clock.now()
        name = body.pop("_Name", None) or self.name(kind, body)
        arn = self.arn(kind, name)
        record = Record(kind.name, name, arn, now, now, body.get(kind.status), body)
        body.update({kind.arn_member: arn, "CreationTime": now, "LastModifiedTime": now})
        try:
            with self.store.exclusively():
                self.store.insert(record, tags)
                quotas.check(self.store, self.behaviour.quotas, record)
        except NameTakenError:
            words = {"title": kind.title, "title_lower": kind.title.lower(), "arn": arn, "name": name}
            raise _ERRORS[kind.already_exists_error](kind.already_exists_message.format(**words)) from None
        self._publish(kind, record)
        kind.created(self, record)
        return self.projected(record.body, kind.action("Create"))

    def describe(self, kind: ResourceKind, request: Request) -> Response:
        """The stored resource, with the members that the Describe response has."""
        return self.projected(self.require(kind, self.name(kind, request)).body, kind.action("Describe"))

    def list(self, kind: ResourceKind, request: Request) -> Response:
        """One page of summaries, filtered and sorted by the request."""
        member, summary = service_model.summary_list(kind.action("List"))
        page = Page.of(kind, request, self.behaviour.page_before_filter)
        found = self.store.find(page.query)
        summaries = [service_model.project(record.body, summary) for record in page.shown(self.store, found)]
        return {member: summaries, **page.token(found)}

    def update(self, kind: ResourceKind, request: Request) -> Response:
        """Changes the resource as its kind defines; mostly the request's members replace the record's."""
        record = self.require(kind, self.name(kind, request))
        naming = (kind.key, *kind.parents)
        changes = {member: value for member, value in request.items() if member not in naming}
        self.change(record, lambda body: kind.apply_update(self, body, changes))
        kind.updated(self, record)
        return self.projected(record.body, kind.action("Update"))

    def delete(self, kind: ResourceKind, request: Request) -> Response:
        """Removes the resource, or begins to if the kind runs something."""
        record = self.require(kind, self.name(kind, request))
        (kind.delete or Engine.remove)(self, record)
        return self.projected(record.body, kind.action("Delete"))

    def stop(self, kind: ResourceKind, request: Request) -> Response:
        """Requests a stop of what runs; answers at once."""
        record = self.require(kind, self.name(kind, request))
        kind.stop(self, record)
        return self.projected(record.body, kind.action("Stop"))

    def start(self, kind: ResourceKind, request: Request) -> Response:
        """Starts a stopped resource again; answers at once."""
        record = self.require(kind, self.name(kind, request))
        kind.start(self, record)
        return self.projected(record.body, kind.action("Start"))

    # Shared by the verbs, the hooks and the executors.

    def arn(self, kind: ResourceKind, name: str) -> str:
        return self.account.arn(f"{kind.path}/{name}")

    def name(self, kind: ResourceKind, request: Request) -> str:
        """The name or ARN in a request, after the names of its parents."""
        members = (*kind.parents, kind.key)
        missing = [member for member in members if not request.get(member)]
        if missing:
            raise ValidationException(f"{' and '.join(missing)} must be specified.")
        return "/".join(str(request[member]) for member in members)

    def projected(self, body: dict[str, Any], action: str) -> Response:
        """The members of a record that an action's response has, without empty blocks."""
        shape = service_model.output_shape(action)
        return service_model.without_empty_blocks(service_model.project(body, shape), shape) if shape else {}

    def find(self, kind_name: str, name_or_arn: str) -> Record | None:
        """The resource of this kind by its name or ARN, or None."""
        if name_or_arn.startswith("arn:"):
            record = self.store.by_arn(name_or_arn)
            return record if record and record.kind == kind_name else None
        return self.store.get(kind_name, name_or_arn)

    def require(self, kind: ResourceKind, name_or_arn: str) -> Record:
        """The resource by name or ARN.

        Raises:
            AwsError: it does not exist; the code is the kind's.
        """
        record = self.find(kind.name, name_or_arn)
        if record is None:
            message = kind.not_found_message.format(arn=self.arn(kind, name_of(name_or_arn)), name=name_of(name_or_arn))
            raise _ERRORS[kind.not_found_error](message)
        return record

    def change(self, record: Record, mutate: Callable[[dict[str, Any]], None]) -> None:
        """Changes the stored body under the store's lock, and updates `record` to match."""
        with self.store.exclusively():
            kind = self.kinds[record.kind]
            record.body = self.store.current_body(record)
            before = _shown_by_events(kind, record.body)
            mutate(record.body)
            record.modified = record.body["LastModifiedTime"] = self.clock.now()
            record.status = record.body.get(kind.status)
            self.store.update(record)
            if _shown_by_events(kind, record.body) != before:
                self._publish(kind, record)

    def save(self, record: Record, **members: Any) -> None:
        """Sets members of the stored body, also its status."""
        self.change(record, lambda body: body.update(members))

    def remove(self, record: Record) -> None:
        self.store.delete(record)

    def _publish(self, kind: ResourceKind, record: Record) -> None:
        if kind.event:
            self.executors.events.publish(kind, record, self.store.tags(record.arn))

    def _generic(self, verb: str, kind: ResourceKind) -> Callable[[Request], Response]:
        method = getattr(self, verb.lower())
        return lambda request: method(kind, request)

    def _special(self, handler: Callable[[Engine, Request], Response]) -> Callable[[Request], Response]:
        return lambda request: handler(self, request)


def _shown_by_events(kind: ResourceKind, body: dict[str, Any]) -> list[Any]:
    return [body.get(member) for member in (kind.status, *kind.event_on)] if kind.event else []
