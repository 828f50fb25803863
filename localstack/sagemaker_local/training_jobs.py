"""What the training job actions require beyond the service model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sagemaker_local.errors import NotImplementedAction, ValidationException
from sagemaker_local.executors import transitions

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.store import Record

DEFAULTS: dict[str, Any] = {
    "TrainingJobStatus": "InProgress",
    "SecondaryStatus": "Starting",
    "StoppingCondition": {"MaxRuntimeInSeconds": 86_400},
    "EnableNetworkIsolation": False,
    "EnableInterContainerTrafficEncryption": False,
    "EnableManagedSpotTraining": False,
}
RUNNING = ("InProgress", "Stopping")


def prepare(engine: Engine, body: dict[str, Any]) -> None:
    """Refuses what cannot run, and writes down where the model will be."""
    for member in ("AlgorithmSpecification", "ResourceConfig"):
        if not body.get(member):
            raise ValidationException(f"{member} must be specified for a training job.")
    if not body["AlgorithmSpecification"].get("TrainingImage"):
        raise ValidationException("TrainingImage must be specified in AlgorithmSpecification.")
    if body["ResourceConfig"].get("InstanceCount", 1) > 1:
        raise NotImplementedAction("Training on several instances is not implemented by SageMaker local yet.")
    _check_channels([channel["ChannelName"] for channel in body.get("InputDataConfig", [])])
    body["StoppingCondition"] = {**DEFAULTS["StoppingCondition"], **body["StoppingCondition"]}
    folder = f"{body['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{body['TrainingJobName']}/output"
    packed = body["OutputDataConfig"].get("CompressionType") != "NONE"
    body["ModelArtifacts"] = {"S3ModelArtifacts": f"{folder}/model.tar.gz" if packed else f"{folder}/model/"}
    transitions.enter(body, "Starting", engine.clock.now())


def _check_channels(names: list[str]) -> None:
    if len(set(names)) < len(names):
        raise ValidationException(f"Channel names must be unique; given: {', '.join(names)}.")
    for name in names:
        if name in (".", ".."):
            raise ValidationException(f"Channel name {name!r} would be outside of /opt/ml/input/data.")


def start(engine: Engine, record: Record) -> None:
    engine.executors.training.submit(record)


def stop(engine: Engine, record: Record) -> None:
    """StopTrainingJob.

    Raises:
        ValidationException: the job is no longer in progress.
    """

    def mutate(body: dict[str, Any]) -> None:
        status = body["TrainingJobStatus"]
        if status not in RUNNING:
            raise ValidationException(f"The request was rejected because the training job is in status {status}.")
        if status != "Stopping":
            body["TrainingJobStatus"] = "Stopping"
            transitions.enter(body, "Stopping", engine.clock.now())

    engine.change(record, mutate)
    engine.executors.training.stop(record)
