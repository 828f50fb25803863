"""EventBridge events of pipeline executions and of their steps, which have their own form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sagemaker_local import strict_json
from sagemaker_local.pipeline_definition import definition

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.store import Record

_EXECUTION = "SageMaker Model Building Pipeline Execution Status Change"
_STEP = "SageMaker Model Building Pipeline Execution Step Status Change"
_OVER = ("Succeeded", "Failed", "Stopped", "CompletedWithFailures")
State = dict[str, Any]


def change(engine: Engine, record: Record, mutate: Callable[[dict[str, Any]], None]) -> None:
    """Changes a stored execution, and sends an event for each status that changed."""
    status, steps = "", dict[str, str]()

    def watched(body: dict[str, Any]) -> None:
        nonlocal status
        status = body["PipelineExecutionStatus"]
        steps.update({name: state["StepStatus"] for name, state in body["_Steps"].items()})
        mutate(body)

    engine.change(record, watched)
    for name, state in record.body["_Steps"].items():
        if state["StepStatus"] != steps.get(name):
            _put(engine, record, _STEP, _step(record, state, steps.get(name)))
    if record.body["PipelineExecutionStatus"] != status:
        tell(engine, record, status)


def tell(engine: Engine, record: Record, before: str | None = None) -> None:
    """Sends the event of an execution's status to the bus."""
    body = record.body
    detail = {
        "pipelineExecutionDisplayName": body.get("PipelineExecutionDisplayName"),
        "pipelineExecutionDescription": body.get("PipelineExecutionDescription"),
        "currentPipelineExecutionStatus": body["PipelineExecutionStatus"],
        "previousPipelineExecutionStatus": before,
        "executionStartTime": _iso(record.created),
        "executionEndTime": _iso(record.modified) if body["PipelineExecutionStatus"] in _OVER else None,
    }
    _put(engine, record, _EXECUTION, detail)


def _step(record: Record, state: State, before: str | None) -> dict[str, Any]:
    cached = state.get("CacheHitResult")
    return {
        "metadata": _lower_camel(state["Metadata"]),
        "stepName": state["StepName"],
        "stepType": definition.read(record.body["_Definition"]).steps[state["StepName"]].type,
        "stepStartTime": _iso(state["StartTime"]),
        "stepEndTime": _iso(state["EndTime"]) if "EndTime" in state else None,
        "previousStepStatus": before,
        "currentStepStatus": state["StepStatus"],
        "failureReason": state.get("FailureReason"),
        "cacheHitResult": _lower_camel(cached) if cached else None,
    }


def _put(engine: Engine, record: Record, kind: str, detail: dict[str, Any]) -> None:
    pipeline = record.body["PipelineArn"]
    said = {name: value for name, value in detail.items() if value is not None}
    said |= {"pipelineArn": pipeline, "pipelineExecutionArn": record.arn}
    engine.executors.events.put(
        {
            "Source": "aws.sagemaker",
            "DetailType": kind,
            "Detail": strict_json.dumps(said),
            "Resources": [pipeline, record.arn],
            "Time": record.modified,
        }
    )


def _lower_camel(value: Any) -> Any:
    if isinstance(value, dict):
        return {name[:1].lower() + name[1:]: _lower_camel(item) for name, item in value.items()}
    return [_lower_camel(item) for item in value] if isinstance(value, list) else value


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
