"""The actions of pipeline executions: Start, Stop, Retry, Update and Describe."""

from __future__ import annotations

import random
import string
from typing import TYPE_CHECKING, Any

from sagemaker_local import pipelines, service_model
from sagemaker_local.errors import ConflictException, NotImplementedAction, ValidationException
from sagemaker_local.executors.pipeline_events import change, tell
from sagemaker_local.pipeline_definition import definition, parameters
from sagemaker_local.pipeline_definition.values import Resolver
from sagemaker_local.pipeline_definition.variables import variables
from sagemaker_local.store import Record

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine

KIND = "PipelineExecution"
_SHOWN = ("PipelineExecutionDisplayName", "PipelineExecutionDescription", "ParallelismConfiguration")


def start(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """StartPipelineExecution."""
    pipeline = pipelines.require(engine, request["PipelineName"])
    if "MlflowExperimentName" in request:
        raise NotImplementedAction("MlflowExperimentName is not implemented by SageMaker local yet.")
    version = pipelines.require_version(engine, pipeline, request.get("PipelineVersionId"))
    read = definition.read(version.body["PipelineDefinition"])
    given = request.get("PipelineParameters", [])
    values = parameters.values(read.parameters, given)
    with engine.store.exclusively():
        record = _record(engine, pipeline, version, request, values, read.experiment)
        if "SelectiveExecutionConfig" in request:
            _select(engine, record, read, request["SelectiveExecutionConfig"])
        engine.store.insert(record)
        now = record.created
        engine.save(pipeline, LastRunTime=now, LastExecutionTime=now)
        engine.save(version, LastExecutionPipelineExecutionArn=record.arn)
    tell(engine, record)
    engine.executors.pipelines.start(record)
    return {"PipelineExecutionArn": record.arn}


def stop(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """StopPipelineExecution: stops its running steps, and starts no other.

    Raises:
        ConflictException: it is no longer running.
    """
    record = require(engine, request["PipelineExecutionArn"])

    def mutate(body: dict[str, Any]) -> None:
        status = body["PipelineExecutionStatus"]
        if status not in ("Executing", "Stopping"):
            raise ConflictException(f"Pipeline execution {record.arn} can't be stopped: its status is {status}.")
        body["PipelineExecutionStatus"] = "Stopping"

    change(engine, record, mutate)
    engine.executors.pipelines.wake(record)
    return {"PipelineExecutionArn": record.arn}


def retry(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """RetryPipelineExecution: continues where it failed or was stopped; steps that succeeded do not run again.

    Raises:
        ConflictException: it has neither failed nor been stopped.
    """
    record = require(engine, request["PipelineExecutionArn"])

    def mutate(body: dict[str, Any]) -> None:
        status = body["PipelineExecutionStatus"]
        if status not in ("Failed", "Stopped"):
            raise ConflictException(f"Pipeline execution {record.arn} can't be retried: its status is {status}.")
        body["_Steps"] = {name: each for name, each in body["_Steps"].items() if each["StepStatus"] == "Succeeded"}
        body["PipelineExecutionStatus"] = "Executing"
        body.pop("FailureReason", None)
        body.pop("PipelineExecutionFailureReason", None)
        if "ParallelismConfiguration" in request:
            body["ParallelismConfiguration"] = request["ParallelismConfiguration"]

    change(engine, record, mutate)
    engine.executors.pipelines.start(record)
    return {"PipelineExecutionArn": record.arn}


def update(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """UpdatePipelineExecution: its names, and the number of steps that may run at once."""
    record = require(engine, request["PipelineExecutionArn"])
    engine.save(record, **{member: request[member] for member in _SHOWN if member in request})
    return {"PipelineExecutionArn": record.arn}


def describe(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    record = require(engine, request["PipelineExecutionArn"])
    shape = service_model.operation("DescribePipelineExecution").output_shape
    assert shape is not None  # noqa: S101
    described: dict[str, Any] = service_model.project(record.body, shape)
    return described


def describe_definition(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """DescribePipelineDefinitionForExecution: the definition as it was when the execution started."""
    record = require(engine, request["PipelineExecutionArn"])
    return {"PipelineDefinition": record.body["_Definition"], "CreationTime": record.created}


def require(engine: Engine, arn: str) -> Record:
    """The execution by its ARN.

    Raises:
        ResourceNotFound: there is none.
    """
    return engine.require(engine.kinds[KIND], arn.lower())


def _record(
    engine: Engine,
    pipeline: Record,
    version: Record,
    request: dict[str, Any],
    values: dict[str, Any],
    experiment: dict[str, Any],
) -> Record:
    now = engine.clock.now()
    identity = "".join(random.choices(string.ascii_lowercase + string.digits, k=12))  # noqa: S311
    name = f"{pipeline.name}/execution/{identity}"
    arn = f"{pipeline.arn}/execution/{identity}"
    body: dict[str, Any] = {
        "PipelineArn": pipeline.arn,
        "PipelineExecutionArn": arn,
        "PipelineExecutionDisplayName": f"execution-{int(now * 1000)}",
        "PipelineExecutionStatus": "Executing",
        "PipelineVersionId": version.body["PipelineVersionId"],
        "CreationTime": now,
        "LastModifiedTime": now,
        "StartTime": now,
        "CreatedBy": {},
        "LastModifiedBy": {},
        "_PipelineName": pipeline.name,
        "_RoleArn": pipeline.body["RoleArn"],
        "_Definition": version.body["PipelineDefinition"],
        "_Parameters": values,
        "_Steps": {},
    }
    if "ParallelismConfiguration" in pipeline.body:
        body["ParallelismConfiguration"] = pipeline.body["ParallelismConfiguration"]
    body |= {member: request[member] for member in _SHOWN if member in request}
    record = Record(KIND, name, arn, now, now, "Executing", body)
    if experiment:
        body["PipelineExperimentConfig"] = _known_at_start(record, values).resolve(experiment)
    return record


def _known_at_start(record: Record, values: dict[str, Any]) -> Resolver:
    """Resolves parameters and execution variables, before any step runs."""

    def nothing(*reference: str) -> Any:
        raise ValidationException(f"PipelineExperimentConfig can't refer to {'.'.join(reference)}.")

    known = variables(record, "", record.created)
    return Resolver(values, known.__getitem__, nothing, nothing, nothing)


def _select(engine: Engine, record: Record, read: definition.Definition, config: dict[str, Any]) -> None:
    """SelectiveExecutionConfig: these steps run, with the results of the other steps in an earlier execution.

    Raises:
        ValidationException: a step is not in the pipeline, or depends on one that did not succeed there.
    """
    selected = [step["StepName"] for step in config["SelectedSteps"]]
    if unknown := [name for name in selected if name not in read.steps]:
        raise ValidationException(f"The selected steps [{', '.join(unknown)}] are not in the pipeline.")
    source = config.get("SourcePipelineExecutionArn")
    earlier = require(engine, source).body["_Steps"] if source else {}
    lent = {name: each for name, each in earlier.items() if name not in selected and each["StepStatus"] == "Succeeded"}
    needed = [each.step for name in selected for each in read.steps[name].depends_on]
    needed += [branch.condition for name in selected if (branch := read.steps[name].branch)]
    if missing := sorted(set(needed) - set(selected) - set(lent)):
        raise ValidationException(
            f"Invalid SourcePipelineExecutionArn: {source or 'null'}. The selected steps [{', '.join(selected)}] have "
            f"dependencies on [{', '.join(missing)}]"
        )
    result = {"SelectiveExecutionResult": {"SourcePipelineExecutionArn": source}}
    record.body["_Steps"] = {name: {**each, **result} for name, each in lent.items()}
    record.body["_Selected"] = selected
    record.body["SelectiveExecutionConfig"] = config
