"""Experiments, and the lineage of artifacts, actions and contexts. Stored on request, never tracked automatically."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sagemaker_local.arns import name_of, resource_of
from sagemaker_local.errors import ResourceNotFound, ValidationException
from sagemaker_local.resource_kind import replace_members
from sagemaker_local.store import NameTakenError, Query, Record

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine

Conditions = tuple[tuple[str, Any], ...]
_HOLDS = "EXISTS (SELECT 1 FROM json_each(body, '$.{member}') WHERE value = ?)"
_MERGED = ("Parameters", "InputArtifacts", "OutputArtifacts")
ENDS = ("SourceArn", "DestinationArn", "SourceType", "DestinationType", "AssociationType")
_TYPES = {"action": "ActionType", "artifact": "ArtifactType", "context": "ContextType"}


def prepare_trial(engine: Engine, body: dict[str, Any]) -> None:
    engine.require(engine.kinds["Experiment"], body["ExperimentName"])


def filter_trials(request: dict[str, Any]) -> Conditions:
    wanted = request.get("TrialComponentName")
    return ((_HOLDS.format(member="_Components"), name_of(wanted)),) if wanted else ()


def filter_components(request: dict[str, Any]) -> Conditions:
    """ListTrialComponents by trial, by experiment or by the source of the component."""
    found: list[tuple[str, Any]] = []
    for asked, member in (("TrialName", "_Trials"), ("ExperimentName", "_Experiments")):
        if request.get(asked):
            found.append((_HOLDS.format(member=member), name_of(request[asked])))
    if request.get("SourceArn"):
        found.append(("json_extract(body, '$.Source.SourceArn') = ?", request["SourceArn"]))
    return tuple(found)


def filter_sources(request: dict[str, Any]) -> Conditions:
    """ListArtifacts, ListActions and ListContexts by SourceUri."""
    uri = request.get("SourceUri")
    return (("json_extract(body, '$.Source.SourceUri') = ?", uri),) if uri else ()


def update_component(engine: Engine, body: dict[str, Any], request: dict[str, Any]) -> None:
    """UpdateTrialComponent: maps are merged, key by key."""
    merged = {name: {**body.get(name, {}), **request[name]} for name in _MERGED if request.get(name)}
    replace_members(engine, body, {**request, **merged})


def associate_component(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """AssociateTrialComponent."""
    return _link(engine, request, _with)


def disassociate_component(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """DisassociateTrialComponent."""
    return _link(engine, request, _without)


def delete_experiment(engine: Engine, record: Record) -> None:
    """Deletes an experiment that has no trials."""
    of_experiment = ("json_extract(body, '$.ExperimentName') = ?", record.name)
    if engine.store.find(Query("Trial", (of_experiment,), limit=1)):
        raise ValidationException(f"Experiment {record.name} cannot be deleted: it has associated trials.")
    engine.remove(record)


def delete_trial(engine: Engine, record: Record) -> None:
    """Deletes a trial that has no components."""
    if record.body.get("_Components"):
        raise ValidationException(f"Trial {record.name} cannot be deleted: it has associated trial components.")
    engine.remove(record)


def delete_component(engine: Engine, record: Record) -> None:
    """Deletes a component that is in no trial."""
    if record.body.get("_Trials"):
        raise ValidationException(f"Trial component {record.name} cannot be deleted: it is associated with a trial.")
    engine.remove(record)


def prepare_artifact(engine: Engine, body: dict[str, Any]) -> None:
    body["_Name"] = uuid4().hex


def add_association(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """AddAssociation between two stored resources."""
    source, destination = (_entity(engine, request[member]) for member in ("SourceArn", "DestinationArn"))
    now, name = engine.clock.now(), f"{source.arn}|{destination.arn}"
    body = {
        **{member: request[member] for member in ENDS if member in request},
        "SourceType": source.body.get(_TYPES.get(_kind(source), "")),
        "DestinationType": destination.body.get(_TYPES.get(_kind(destination), "")),
        "SourceName": source.name,
        "DestinationName": destination.name,
        "CreationTime": now,
    }
    try:
        engine.store.insert(Record("Association", name, name, now, now, None, body))
    except NameTakenError:
        raise ValidationException(f"An association from {source.arn} to {destination.arn} already exists.") from None
    return {"SourceArn": source.arn, "DestinationArn": destination.arn}


def delete_association(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """DeleteAssociation."""
    record = engine.store.get("Association", f"{request['SourceArn']}|{request['DestinationArn']}")
    if record is None:
        raise ResourceNotFound(f"There is no association from {request['SourceArn']} to {request['DestinationArn']}.")
    engine.remove(record)
    return {member: request[member] for member in ("SourceArn", "DestinationArn")}


def _link(
    engine: Engine, request: dict[str, Any], change: Callable[[dict[str, Any], str, str], None]
) -> dict[str, Any]:
    component = engine.require(engine.kinds["TrialComponent"], request["TrialComponentName"])
    trial = engine.require(engine.kinds["Trial"], request["TrialName"])
    engine.change(trial, lambda body: change(body, "_Components", component.name))
    engine.change(component, lambda body: change(body, "_Trials", trial.name))
    engine.change(component, lambda body: change(body, "_Experiments", trial.body["ExperimentName"]))
    return {"TrialComponentArn": component.arn, "TrialArn": trial.arn}


def _with(body: dict[str, Any], member: str, name: str) -> None:
    body[member] = sorted({*body.get(member, []), name})


def _without(body: dict[str, Any], member: str, name: str) -> None:
    body[member] = sorted({*body.get(member, [])} - {name})


def _entity(engine: Engine, arn: str) -> Record:
    record = engine.store.by_arn(arn)
    if record is None:
        raise ResourceNotFound(f"There is no resource {arn}.")
    return record


def _kind(record: Record) -> str:
    return resource_of(record.arn).split("/", 1)[0]
