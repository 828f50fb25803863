"""Pipelines and their versions: the rules of their actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sagemaker_local import service_model
from sagemaker_local.errors import ConflictException, JobFailure, NotImplementedAction, ResourceNotFound
from sagemaker_local.errors import ValidationException as Invalid
from sagemaker_local.pipeline_definition import definition
from sagemaker_local.pipeline_definition.steps import RESOURCE_STEPS
from sagemaker_local.store import Query, Record

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine

DEFAULTS: dict[str, Any] = {"PipelineStatus": "Active", "CreatedBy": {}, "LastModifiedBy": {}}
_UPDATED_AS_THEY_ARE = ("PipelineDisplayName", "PipelineDescription", "RoleArn", "ParallelismConfiguration")
_VERSIONED = ("PipelineDefinition", "PipelineDisplayName", "PipelineDescription")


def create(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """CreatePipeline."""
    kept = {member: value for member, value in request.items() if member != "PipelineDefinitionS3Location"}
    kept["PipelineDefinition"] = _definition(engine, request)
    with engine.store.exclusively():  # no request sees a pipeline without a version
        return engine.create(engine.kinds["Pipeline"], {"PipelineDisplayName": request["PipelineName"], **kept})


def created(engine: Engine, record: Record) -> None:
    """Stores the first version."""
    _add_version(engine, record)


def update(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """UpdatePipeline: the next version."""
    record = require(engine, request["PipelineName"])
    changes = {member: request[member] for member in _UPDATED_AS_THEY_ARE if member in request}
    if "PipelineDefinition" in request or "PipelineDefinitionS3Location" in request:
        changes["PipelineDefinition"] = _definition(engine, request)
    with engine.store.exclusively():
        engine.save(record, **changes, LastModifiedBy={})
        version = _add_version(engine, record)
    return {"PipelineArn": record.arn, "PipelineVersionId": version}


def describe(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """DescribePipeline, the newest or a given version."""
    record = require(engine, request["PipelineName"])
    body = record.body
    if "PipelineVersionId" in request:
        body = body | require_version(engine, record, request["PipelineVersionId"]).body
    shape = service_model.operation("DescribePipeline").output_shape
    assert shape is not None  # noqa: S101
    described: dict[str, Any] = service_model.project(body, shape)
    return described


def delete(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """DeletePipeline, with its versions and executions.

    Raises:
        ConflictException: an execution is running.
    """
    record = require(engine, request["PipelineName"])
    with engine.store.exclusively():
        executions = _all_of(engine, "PipelineExecution", record.arn)
        if any(each.status in ("Executing", "Stopping") for each in executions):
            raise ConflictException(f"Pipeline {record.arn} has running executions. Stop them before deleting it.")
        for each in (*executions, *_all_of(engine, "PipelineVersion", record.arn), record):
            engine.remove(each)
    return {"PipelineArn": record.arn}


def list_filter(request: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    """ListPipelines by the beginning of the name."""
    return (("instr(name, ?) = 1", request["PipelineNamePrefix"]),) if "PipelineNamePrefix" in request else ()


def list_versions(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """ListPipelineVersions, newest first."""
    record = require(engine, request["PipelineName"])
    return engine.list(engine.kinds["PipelineVersion"], {**request, "PipelineName": record.name})


def update_version(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """UpdatePipelineVersion: its display name and description."""
    record = require(engine, request["PipelineArn"])
    version = require_version(engine, record, request["PipelineVersionId"])
    members = ("PipelineVersionDisplayName", "PipelineVersionDescription")
    engine.save(version, **{member: request[member] for member in members if member in request})
    return {"PipelineArn": record.arn, "PipelineVersionId": request["PipelineVersionId"]}


def require(engine: Engine, name_or_arn: str) -> Record:
    """The pipeline by its name or ARN.

    Raises:
        ResourceNotFound: there is none.
    """
    arn_or_name = name_or_arn.lower() if name_or_arn.startswith("arn:") else name_or_arn
    return engine.require(engine.kinds["Pipeline"], arn_or_name)


def require_version(engine: Engine, record: Record, version: int | None) -> Record:
    """A version of a pipeline; the newest if none is named.

    Raises:
        ResourceNotFound: it has no such version.
    """
    number = record.body["_Version"] if version is None else version
    found = engine.store.get("PipelineVersion", f"{record.name}/{number}")
    if found is None:
        raise ResourceNotFound(f"Pipeline '{record.arn}' has no version {number}.")
    return found


def _definition(engine: Engine, request: dict[str, Any]) -> str:
    text, location = request.get("PipelineDefinition"), request.get("PipelineDefinitionS3Location")
    if text is None and location is None:
        raise Invalid("Either Pipeline Definition or Pipeline Definition S3 location should be provided")
    if text is not None and location is not None:
        raise Invalid("Both Pipeline Definition and Pipeline Definition S3 Location shouldn't be present")
    if location is not None:
        text = _from_s3(engine, location)
    read = definition.read(str(text))
    for step in read.steps.values():
        kind = RESOURCE_STEPS.get(step.type)
        if kind and kind.action not in engine.actions:
            raise NotImplementedAction(
                f"Pipeline steps of type {step.type} are not implemented by SageMaker local yet: {kind.action} is not."
            )
    return str(text)


def _from_s3(engine: Engine, location: dict[str, Any]) -> str:
    if "VersionId" in location:
        raise NotImplementedAction("VersionId of a definition in S3 is not implemented by SageMaker local yet.")
    try:
        return engine.executors.tools.s3.read(f"s3://{location['Bucket']}/{location['ObjectKey']}").decode()
    except (JobFailure, UnicodeDecodeError) as error:
        raise Invalid(f"Unable to read the pipeline definition: {error}") from error


def _add_version(engine: Engine, record: Record) -> int:
    number = int(record.body.get("_Version", 0)) + 1
    engine.change(record, lambda body: body.update(_Version=number))
    now = engine.clock.now()
    body = {
        **{member: record.body[member] for member in _VERSIONED if member in record.body},
        "PipelineArn": record.arn,
        "PipelineVersionId": number,
        "CreationTime": record.created if number == 1 else now,
        "LastModifiedTime": now,
        "_PipelineName": record.name,
    }
    name = f"{record.name}/{number}"
    engine.store.insert(Record("PipelineVersion", name, f"{record.arn}/version/{number}", now, now, None, body))
    return number


def _all_of(engine: Engine, kind: str, arn: str) -> list[Record]:
    return engine.store.find(Query(kind, (("json_extract(body, '$.PipelineArn') = ?", arn),), limit=-1))
