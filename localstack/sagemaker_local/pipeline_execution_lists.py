"""The lists of pipeline executions, of their steps and of their parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sagemaker_local import pipelines, service_model
from sagemaker_local.errors import ValidationException
from sagemaker_local.listing import read_token, write_token
from sagemaker_local.pipeline_definition import parameters
from sagemaker_local.pipeline_executions import KIND, require

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine

_DEFAULT_PAGE = 10


def list_executions(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """ListPipelineExecutions, newest first."""
    pipeline = pipelines.require(engine, request["PipelineName"])
    return engine.list(engine.kinds[KIND], {**request, "PipelineName": pipeline.name})


def list_steps(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """ListPipelineExecutionSteps: the started steps, the latest first."""
    if "PipelineExecutionArn" not in request:
        raise ValidationException("PipelineExecutionArn must be specified.")
    record = require(engine, request["PipelineExecutionArn"])
    steps = list(record.body["_Steps"].values())
    if request.get("SortOrder") != "Ascending":
        steps.reverse()
    _, summary = service_model.summary_list("ListPipelineExecutionSteps")
    page, token = _page(steps, request)
    return {"PipelineExecutionSteps": [service_model.project(step, summary) for step in page], **token}


def list_parameters(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """ListPipelineParametersForExecution: every parameter, with the value that it had."""
    record = require(engine, request["PipelineExecutionArn"])
    every = [{"Name": name, "Value": parameters.text_of(value)} for name, value in record.body["_Parameters"].items()]
    page, token = _page(every, request)
    return {"PipelineParameters": page, **token}


def _page(items: list[Any], request: dict[str, Any]) -> tuple[list[Any], dict[str, str]]:
    """One page of a list in memory, and the token of the next page."""
    first = read_token(request["NextToken"], int) if request.get("NextToken") else 0
    last = first + request.get("MaxResults", _DEFAULT_PAGE)
    more = {"NextToken": write_token(last)} if last < len(items) else {}
    return items[first:last], more
