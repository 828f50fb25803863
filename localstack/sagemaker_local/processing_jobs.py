"""The rules of the processing job actions beyond the service model."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from sagemaker_local.errors import NotImplementedAction, ResourceInUse, ValidationException
from sagemaker_local.job_stop import RUNNING, request_stop

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.store import Record

DEFAULTS: dict[str, Any] = {
    "ProcessingJobStatus": "InProgress",
    "StoppingCondition": {"MaxRuntimeInSeconds": 86_400},
}
_ROOT = "/opt/ml/processing"


def prepare(engine: Engine, body: dict[str, Any]) -> None:
    """Refuses what can't run, and paths outside of the job's own folder."""
    body["StoppingCondition"] = {**DEFAULTS["StoppingCondition"], **body.get("StoppingCondition", {})}
    cluster = body["ProcessingResources"]["ClusterConfig"]
    cluster.setdefault("InstanceCount", 1)
    if cluster["InstanceCount"] > 1 and body.get("NetworkConfig", {}).get("EnableNetworkIsolation"):
        raise NotImplementedAction(
            "Network isolation over several instances is not implemented by SageMaker local yet."
        )
    inputs, outputs = body.get("ProcessingInputs", []), body.get("ProcessingOutputConfig", {}).get("Outputs", [])
    for items, member in ((inputs, "InputName"), (outputs, "OutputName")):
        names = [item[member] for item in items]
        if len(set(names)) < len(names):
            raise ValidationException(f"{member} must be unique; given: {', '.join(names)}.")
    for item in inputs:
        _check_input(item)
    for item in outputs:
        if not item.get("AppManaged"):
            _check_output(item)


def _check_input(item: dict[str, Any]) -> None:
    if item.get("AppManaged"):
        return
    if "DatasetDefinition" in item:
        raise NotImplementedAction(
            f"Input {item['InputName']}: DatasetDefinition is not implemented by SageMaker local yet."
        )
    source = item.get("S3Input")
    if source is None:
        raise ValidationException(f"Input {item['InputName']} must specify S3Input or DatasetDefinition.")
    if source.get("S3InputMode") == "Pipe":
        raise NotImplementedAction(f"Input {item['InputName']}: Pipe mode is not implemented by SageMaker local yet.")
    if "LocalPath" not in source:
        raise ValidationException(f"Input {item['InputName']} must specify a LocalPath.")
    _check_path(source["LocalPath"])


def _check_output(item: dict[str, Any]) -> None:
    if "S3Output" not in item:
        raise NotImplementedAction(
            f"Output {item['OutputName']}: FeatureStoreOutput is not implemented by SageMaker local yet."
        )
    _check_path(item["S3Output"].get("LocalPath", _ROOT))


def _check_path(path: str) -> None:
    if posixpath.commonpath([posixpath.normpath(path), _ROOT]) != _ROOT:
        raise ValidationException(f"LocalPath {path} must be under {_ROOT}.")


def start(engine: Engine, record: Record) -> None:
    engine.executors.processing.submit(record)


def stop(engine: Engine, record: Record) -> None:
    """StopProcessingJob.

    Raises:
        ValidationException: the job has ended.
    """
    request_stop(engine, record, "processing job")
    engine.executors.processing.stop(record)


def delete(engine: Engine, record: Record) -> None:
    """DeleteProcessingJob.

    Raises:
        ResourceInUse: the job has not ended.
    """
    status = record.body["ProcessingJobStatus"]
    if status in RUNNING:
        raise ResourceInUse(f"The processing job {record.arn} is in status {status} and can't be deleted.")
    engine.remove(record)
