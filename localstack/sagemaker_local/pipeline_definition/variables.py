"""Execution variables: the values of `{"Get": "Execution.…"}`."""

from __future__ import annotations

from datetime import UTC, datetime

from sagemaker_local.store import Record


def variables(execution: Record, job_name: str, now: float) -> dict[str, str]:
    """Every variable of an execution, for a step whose job gets this name."""
    return {
        "CurrentDateTime": _iso(now),
        "PipelineArn": execution.body["PipelineArn"],
        "PipelineExecutionArn": execution.arn,
        "PipelineExecutionId": execution.name.rsplit("/", 1)[1],
        "PipelineName": execution.body["_PipelineName"],
        "ProcessingJobName": job_name,
        "StartDateTime": _iso(execution.created),
        "TrainingJobName": job_name,
    }


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
