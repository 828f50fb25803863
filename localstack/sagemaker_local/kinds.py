"""What a resource kind is: the columns of the table in `resources.py`."""

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
Revise = Callable[["Engine", dict[str, Any], dict[str, Any]], None]
React = Callable[["Engine", "Record"], None]


def _prepare_nothing(engine: Engine, body: dict[str, Any]) -> None:
    pass


def _narrow_nothing(request: dict[str, Any]) -> tuple[Condition, ...]:
    return ()


def _do_nothing(engine: Engine, record: Record) -> None:
    pass


def replace_members(engine: Engine, body: dict[str, Any], request: dict[str, Any]) -> None:
    """What most Updates do: members of the request replace the record's, and `…ToRemove` takes keys out of a map."""
    for member, value in request.items():
        if member.endswith("ToRemove"):
            of = body.get(member.removesuffix("ToRemove"), {})
            body[member.removesuffix("ToRemove")] = {key: of[key] for key in of if key not in value}
        elif value is not None:
            body[member] = value


@dataclass(frozen=True)
class ResourceKind:
    """One kind of resource, and all in which it differs from the others.

    The generic verbs of `engine.py` work from this and from the service model.
    """

    name: str
    """`TrainingJob`; actions, members and shapes derive from it."""
    path: str
    """The resource part of its ARN before the name: `training-job`."""
    verbs: tuple[str, ...] = CREATE_TO_DELETE
    plural: str = ""
    """In `List…`, where it is not the name with an s."""
    key_member: str = ""
    """The request member that names it, where it is not the name with Name."""
    arn_name: str = ""
    """The member that holds its ARN, where it is not the name with Arn."""
    parents: tuple[str, ...] = ()
    """The request members that name what it belongs to: they stand before its own name, in its ARN too."""
    status: str = ""
    """The member that holds its status, where it has one."""
    defaults: dict[str, Any] = field(default_factory=dict)
    """What AWS adds to a new one when the request does not say."""
    sort_by: str = "CreationTime"
    """What List sorts by when the request does not say."""
    newest_first: bool = False
    """The order of List when the request does not say; differs between kinds on AWS as well."""
    filters: dict[str, str] = field(default_factory=dict)
    """Further filters of its List: the request's member, and the record's member that must equal it."""
    contains: dict[str, str] = field(default_factory=dict)
    """The same, where the record's member must contain the text."""
    narrow: Callable[[dict[str, Any]], tuple[Condition, ...]] = _narrow_nothing
    """Conditions of its List that are no comparison of one member of the record."""
    narrows: tuple[str, ...] = ()
    """The request's members from which `narrow` makes them."""
    sorts: dict[str, str] = field(default_factory=dict)
    """Values of SortBy that name a member of the record."""
    bare_name: str = "name"
    """In SQL, the name without those of what it belongs to: what NameContains looks into."""
    absent: str = "Requested resource not found."
    """AWS's message for a name that is not there; may use {arn} and {name}."""
    absent_error: str = "ValidationException"
    """The code that goes with it. AWS mostly answers so even where its model lists ResourceNotFound."""
    taken: str = (
        "{title} names must be unique within an AWS account and region, "
        "and a {title_lower} with this name already exists ({arn})"
    )
    """Why a second one of the same name is refused."""
    taken_error: str = "ResourceInUse"
    """The code that goes with it."""
    prepare: Prepare = _prepare_nothing
    """Before anything is stored: checks references, and adds what the request implies."""
    created: React = _do_nothing
    """After it is on record: starts what runs."""
    revise: Revise = replace_members
    """What Update does to the record, while nobody else can change it."""
    updated: React = _do_nothing
    """After an Update."""
    delete: React | None = None
    """Instead of taking it off the record at once."""
    stop: React = _do_nothing
    """What Stop does."""
    start: React = _do_nothing
    """What Start does."""
    event: str = ""
    """The detail-type of the EventBridge event that each change of its status is, where AWS has one."""
    event_on: tuple[str, ...] = ()
    """Members whose change is such an event as well."""

    @property
    def key(self) -> str:
        """The request member that names it: `TrainingJobName`."""
        return self.key_member or f"{self.name}Name"

    @property
    def arn_member(self) -> str:
        return self.arn_name or f"{self.name}Arn"

    @property
    def title(self) -> str:
        """`Training job`, as AWS's messages have it."""
        words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in self.name).strip()
        return words.capitalize()

    def action(self, verb: str) -> str:
        """`CreateTrainingJob`, `ListTrainingJobs`."""
        return f"{verb}{self.plural or self.name + 's'}" if verb == "List" else f"{verb}{self.name}"
