"""The rules of the training job actions beyond the service model."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from sagemaker_local import spot, warm_pools
from sagemaker_local.errors import NotImplementedAction, ResourceInUse, ValidationException
from sagemaker_local.executors import transitions
from sagemaker_local.job_stop import RUNNING, request_stop
from sagemaker_local.metrics import check_definitions
from sagemaker_local.resource_kind import replace_members

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
_ROOT = "/opt/ml"
_RESERVED = ("input", "model", "output")


def prepare(engine: Engine, body: dict[str, Any]) -> None:
    """Refuses what can't run, and adds the URI of the model artifacts."""
    for member in ("AlgorithmSpecification", "ResourceConfig"):
        if not body.get(member):
            raise ValidationException(f"{member} must be specified for a training job.")
    if not body["AlgorithmSpecification"].get("TrainingImage"):
        raise ValidationException("TrainingImage must be specified in AlgorithmSpecification.")
    check_definitions(body["AlgorithmSpecification"].get("MetricDefinitions", []))
    _check_instances(body)
    _check_channels(body)
    _check_checkpoints(body.get("CheckpointConfig", {}))
    body["StoppingCondition"] = {**DEFAULTS["StoppingCondition"], **body["StoppingCondition"]}
    spot.check(body)
    folder = f"{body['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{body['TrainingJobName']}/output"
    packed = body["OutputDataConfig"].get("CompressionType") != "NONE"
    body["ModelArtifacts"] = {"S3ModelArtifacts": f"{folder}/model.tar.gz" if packed else f"{folder}/model/"}
    if body["ResourceConfig"].get("KeepAlivePeriodInSeconds"):
        body["WarmPoolStatus"] = {"Status": "InUse"}
    transitions.enter(body, "Starting", engine.clock.now())


def _check_instances(body: dict[str, Any]) -> None:
    resources = body["ResourceConfig"]
    groups = resources.get("InstanceGroups", [])
    if groups and ("InstanceType" in resources or "InstanceCount" in resources):
        raise ValidationException("You can't specify both InstanceGroups and InstanceType or InstanceCount.")
    names = [group["InstanceGroupName"] for group in groups]
    if len(set(names)) < len(names):
        raise ValidationException(f"Instance group names must be unique; given: {', '.join(names)}.")
    for channel in body.get("InputDataConfig", []):
        wanted = channel["DataSource"].get("S3DataSource", {}).get("InstanceGroupNames", [])
        if unknown := [name for name in wanted if name not in names]:
            raise ValidationException(f"Channel {channel['ChannelName']} names no instance group: {unknown[0]}.")
    count = sum(group["InstanceCount"] for group in groups) or resources.get("InstanceCount", 1)
    if count > 1 and body["EnableNetworkIsolation"]:
        raise NotImplementedAction(
            "Network isolation over several instances is not implemented by SageMaker local yet."
        )


def _check_channels(body: dict[str, Any]) -> None:
    channels = body.get("InputDataConfig", [])
    names = [channel["ChannelName"] for channel in channels]
    if len(set(names)) < len(names):
        raise ValidationException(f"Channel names must be unique; given: {', '.join(names)}.")
    for channel in channels:
        name = channel["ChannelName"]
        if name in (".", ".."):
            raise ValidationException(f"Channel name {name!r} would be outside of /opt/ml/input/data.")
        source = channel["DataSource"].get("S3DataSource")
        mode = channel.get("InputMode") or body["AlgorithmSpecification"].get("TrainingInputMode")
        if source is None:
            raise NotImplementedAction(
                f"Channel {name}: sources other than S3 are not implemented by SageMaker local yet."
            )
        if mode == "Pipe" or source["S3DataType"] not in ("S3Prefix", "ManifestFile"):
            kind = "Pipe mode" if mode == "Pipe" else source["S3DataType"]
            raise NotImplementedAction(f"Channel {name}: {kind} is not implemented by SageMaker local yet.")


def _check_checkpoints(config: dict[str, Any]) -> None:
    path = posixpath.normpath(config.get("LocalPath", "/opt/ml/checkpoints"))
    if path == _ROOT or posixpath.commonpath([path, _ROOT]) != _ROOT:
        raise NotImplementedAction(f"A checkpoint path outside of {_ROOT} is not implemented by SageMaker local yet.")
    if any(posixpath.commonpath([path, f"{_ROOT}/{taken}"]) == f"{_ROOT}/{taken}" for taken in _RESERVED):
        raise ValidationException(f"The checkpoint path {path} is reserved. Choose another, as /opt/ml/checkpoints.")


def start(engine: Engine, record: Record) -> None:
    engine.executors.training.submit(record)


def stop(engine: Engine, record: Record) -> None:
    """StopTrainingJob.

    Raises:
        ValidationException: the job has ended.
    """
    request_stop(engine, record, "training job", lambda body: transitions.enter(body, "Stopping", engine.clock.now()))
    engine.executors.training.stop(record)


def apply_update(engine: Engine, body: dict[str, Any], changes: dict[str, Any]) -> None:
    """UpdateTrainingJob: the keep-alive period of a warm pool, profiling and remote debugging."""
    if "ResourceConfig" in changes:
        warm_pools.prolong(body, changes.pop("ResourceConfig")["KeepAlivePeriodInSeconds"])
    for member in ("ProfilerConfig", "RemoteDebugConfig"):
        if member in changes:
            body[member] = {**body.get(member, {}), **changes.pop(member)}
    replace_members(engine, body, changes)


def delete(engine: Engine, record: Record) -> None:
    """DeleteTrainingJob.

    Raises:
        ResourceInUse: the job has not ended, or its warm pool is available.
    """
    status = record.body["TrainingJobStatus"]
    if status in RUNNING:
        raise ResourceInUse(f"The training job {record.arn} is in status {status} and can't be deleted.")
    if warm_pools.is_available(record.body):
        raise ResourceInUse(f"The training job {record.arn} retains a warm pool in status Available.")
    engine.remove(record)
