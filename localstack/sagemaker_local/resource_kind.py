"""ResourceKind: the properties of one kind of resource, for the generic verbs. The kinds themselves are in `kinds/`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.store import Record

CREATE_TO_DELETE = ("Create", "Describe", "List", "Delete")

Condition = tuple[str, Any]
Prepare = Callable[["Engine", dict[str, Any]], None]
ApplyUpdate = Callable[["Engine", dict[str, Any], dict[str, Any]], None]
Hook = Callable[["Engine", "Record"], None]


def _prepare_nothing(engine: Engine, body: dict[str, Any]) -> None:
    pass


def _no_filter(request: dict[str, Any]) -> tuple[Condition, ...]:
    return ()


def _do_nothing(engine: Engine, record: Record) -> None:
    pass


def replace_members(engine: Engine, body: dict[str, Any], request: dict[str, Any]) -> None:
    """The usual Update: members of the request replace the record's, and `…ToRemove` removes keys from a map."""
    for member, value in request.items():
        if member.endswith("ToRemove"):
            of = body.get(member.removesuffix("ToRemove"), {})
            body[member.removesuffix("ToRemove")] = {key: of[key] for key in of if key not in value}
        elif value is not None:
            body[member] = value


@dataclass(frozen=True)
class ResourceKind:
    """One kind of resource: everything in which it differs from the others.

    The generic verbs of `engine.py` use this and the service model.
    """

    name: str
    """`TrainingJob`; names of actions, members and shapes derive from it."""
    path: str
    """The part of its ARN before the name: `training-job`."""
    verbs: tuple[str, ...] = CREATE_TO_DELETE
    plural: str = ""
    """The plural in `List…`, if it is not the name with an s."""
    key_member: str = ""
    """The request member that names it, if it is not the name with Name."""
    arn_name: str = ""
    """The member that holds its ARN, if it is not the name with Arn."""
    parents: tuple[str, ...] = ()
    """The request members that name the resources it belongs to. They precede its own name, also in its ARN."""
    status: str = ""
    """The member that holds its status, if it has one."""
    defaults: dict[str, Any] = field(default_factory=dict)
    """Members that AWS adds to a new one when the request leaves them out."""
    sort_by: str = "CreationTime"
    """What List sorts by when the request has no SortBy."""
    newest_first: bool = False
    """The order of List when the request has no SortOrder. It differs between kinds on AWS as well."""
    filters: dict[str, str] = field(default_factory=dict)
    """Further filters of its List: a member of the request, and the member of the record that must equal it."""
    contains: dict[str, str] = field(default_factory=dict)
    """The same for filters whose text the record's member must contain."""
    list_filter: Callable[[dict[str, Any]], tuple[Condition, ...]] = _no_filter
    """Makes the conditions of its List that do not compare one member of the record."""
    list_filter_members: tuple[str, ...] = ()
    """The members of the request that `list_filter` reads."""
    sorts: dict[str, str] = field(default_factory=dict)
    """Values of SortBy that name a member of the record."""
    bare_name: str = "name"
    """An SQL expression: its own name without the names of its parents. NameContains searches in it."""
    not_found_message: str = "Requested resource not found."
    """AWS's message for a name that does not exist; may use {arn} and {name}."""
    not_found_error: str = "ValidationException"
    """The error code of that message. AWS mostly uses this one even where its model lists ResourceNotFound."""
    already_exists_message: str = (
        "{title} names must be unique within an AWS account and region, "
        "and a {title_lower} with this name already exists ({arn})"
    )
    """AWS's message for a second one of the same name; may use {title}, {title_lower}, {arn} and {name}."""
    already_exists_error: str = "ResourceInUse"
    """The error code of that message."""
    prepare: Prepare = _prepare_nothing
    """Runs before anything is stored: checks references, and adds what the request implies."""
    created: Hook = _do_nothing
    """Runs after it is stored: starts what the kind runs."""
    apply_update: ApplyUpdate = replace_members
    """Changes the record for an Update, under the store's lock."""
    updated: Hook = _do_nothing
    """Runs after an Update."""
    delete: Hook | None = None
    """Replaces the immediate removal of the record."""
    stop: Hook = _do_nothing
    """Handles the action Stop."""
    start: Hook = _do_nothing
    """Handles the action Start."""
    event: str = ""
    """The detail-type of the EventBridge event for each change of its status, if AWS has one."""
    event_on: tuple[str, ...] = ()
    """Further members whose change causes that event."""

    @property
    def key(self) -> str:
        """The request member that names it: `TrainingJobName`."""
        return self.key_member or f"{self.name}Name"

    @property
    def arn_member(self) -> str:
        return self.arn_name or f"{self.name}Arn"

    @property
    def title(self) -> str:
        """`Training job`, as AWS's messages spell it."""
        words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in self.name).strip()
        return words.capitalize()

    def action(self, verb: str) -> str:
        """`CreateTrainingJob`, `ListTrainingJobs`."""
        return f"{verb}{self.plural or self.name + 's'}" if verb == "List" else f"{verb}{self.name}"
