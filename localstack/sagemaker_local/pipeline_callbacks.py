"""The answers to Callback steps: SendPipelineExecutionStepSuccess and SendPipelineExecutionStepFailure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sagemaker_local.errors import ConflictException, ResourceNotFound
from sagemaker_local.executors.pipeline_events import change
from sagemaker_local.pipeline_executions import KIND

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.store import Record


def send_success(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """SendPipelineExecutionStepSuccess: the answer that a Callback step waits for, with its outputs."""
    outputs = request.get("OutputParameters", [])
    return _answer(engine, request["CallbackToken"], {"StepStatus": "Succeeded"}, outputs)


def send_failure(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """SendPipelineExecutionStepFailure: reports a failure to a Callback step."""
    reason = {"FailureReason": request["FailureReason"]} if request.get("FailureReason") else {}
    return _answer(engine, request["CallbackToken"], {"StepStatus": "Failed", **reason}, [])


def _answer(engine: Engine, token: str, ending: dict[str, Any], outputs: list[dict[str, str]]) -> dict[str, Any]:
    for record in engine.store.with_status(KIND, ("Executing", "Stopping")):
        for name, state in record.body["_Steps"].items():
            if state["Metadata"].get("Callback", {}).get("CallbackToken") == token:
                _end_callback(engine, record, name, ending, outputs)
                return {"PipelineExecutionArn": record.arn}
    raise ResourceNotFound(f"No running pipeline execution waits for the callback token {token}.")


def _end_callback(
    engine: Engine, record: Record, name: str, ending: dict[str, Any], outputs: list[dict[str, str]]
) -> None:
    def mutate(body: dict[str, Any]) -> None:
        state = body["_Steps"][name]
        if state["StepStatus"] not in ("Executing", "Stopping"):
            raise ConflictException(f"Step {name} of {record.arn} is already answered: it is {state['StepStatus']}.")
        state.update(ending, EndTime=engine.clock.now())
        if outputs:
            state["Metadata"]["Callback"]["OutputParameters"] = outputs

    change(engine, record, mutate)
    engine.executors.pipelines.wake(record)
