"""What the processing job actions require beyond the service model."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from sagemaker_local.errors import NotImplementedAction, ValidationException

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.store import Record

DEFAULTS: dict[str, Any] = {
    "ProcessingJobStatus": "InProgress",
    "StoppingCondition": {"MaxRuntimeInSeconds": 86_400},
}
RUNNING = ("InProgress", "Stopping")
_ROOT = "/opt/ml/processing"


def prepare(engine: Engine, body: dict[str, Any]) -> None:
    """Refuses what cannot run, and paths outside of the job's own folder."""
    if body["ProcessingResources"]["ClusterConfig"]["InstanceCount"] > 1:
        raise NotImplementedAction("Processing on several instances is not implemented by SageMaker local yet.")
    inputs = [item.get("S3Input", {}) for item in body.get("ProcessingInputs", [])]
    outputs = [item.get("S3Output", {}) for item in body.get("ProcessingOutputConfig", {}).get("Outputs", [])]
    for place in (*inputs, *outputs):
        path = place.get("LocalPath", _ROOT)
        if posixpath.commonpath([posixpath.normpath(path), _ROOT]) != _ROOT:
            raise ValidationException(f"LocalPath {path} must be under {_ROOT}.")


def start(engine: Engine, record: Record) -> None:
    engine.executors.processing.submit(record)


def stop(engine: Engine, record: Record) -> None:
    """StopProcessingJob.

    Raises:
        ValidationException: the job is no longer in progress.
    """

    def mutate(body: dict[str, Any]) -> None:
        status = body["ProcessingJobStatus"]
        if status not in RUNNING:
            raise ValidationException(f"The request was rejected because the processing job is in status {status}.")
        body["ProcessingJobStatus"] = "Stopping"

    engine.change(record, mutate)
    engine.executors.processing.stop(record)
