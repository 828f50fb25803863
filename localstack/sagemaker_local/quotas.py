"""Service quotas: how many instances of a type may run at once for one use. Without `--quota` there is no limit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sagemaker_local.errors import ResourceLimitExceeded
from sagemaker_local.tuning_definitions import definitions_of

if TYPE_CHECKING:
    from sagemaker_local.store import Record, Store

Instances = Counter[str]
_OF_TUNING = "TuningJobArn"
_RUNNING = ("InProgress", "Stopping", "Creating", "Updating", "RollingBack", "SystemUpdating", "InService")
_USES = {
    "TrainingJob": "training job usage",
    "HyperParameterTuningJob": "training job usage",
    "ProcessingJob": "processing job usage",
    "TransformJob": "transform job usage",
    "Endpoint": "endpoint usage",
}
# The kinds whose records use instances. A tuning job's are those of its training jobs.
_HOLDERS = ("TrainingJob", "ProcessingJob", "TransformJob", "Endpoint")


def check(store: Store, quotas: Mapping[str, int], new: Record) -> None:
    """Refuses a resource that exceeds a quota. It is stored already, in a transaction that the error ends.

    Raises:
        ResourceLimitExceeded: with AWS's message.
    """
    if not quotas or new.kind not in _USES or _OF_TUNING in new.body:  # a tuning job has asked for its training jobs
        return
    use = _USES[new.kind]
    for instance_type, delta in _MEASURES[new.kind](new.body).items():
        limit = quotas.get(instance_type)
        if limit is not None and (used := _used(store, use, instance_type, new)) + delta > limit:
            raise ResourceLimitExceeded(
                f"The account-level service limit '{instance_type} for {use}' is {limit} Instances, with "
                f"current utilization of {used} Instances and a request delta of {delta} Instances. Please use AWS "
                "Service Quotas to request an increase for this quota. If AWS Service Quotas is not available, contact "
                "AWS support to request an increase for this quota."
            )


def _used(store: Store, use: str, instance_type: str, new: Record) -> int:
    """The instances of the others that run."""
    kinds = [kind for kind in _HOLDERS if _USES[kind] == use]
    running = (record for kind in kinds for record in store.with_status(kind, _RUNNING))
    others = (record for record in running if record.sequence != new.sequence)
    return sum(_MEASURES[record.kind](record.body)[instance_type] for record in others)


def _counted(*blocks: dict[str, Any]) -> Instances:
    """The instances of blocks with InstanceType and InstanceCount."""
    found: Instances = Counter()
    for block in blocks:
        found[block.get("InstanceType", "")] += block.get("InstanceCount", 1)
    return found


def _of_resources(resources: dict[str, Any]) -> Instances:
    return _counted(*(resources.get("InstanceGroups") or [resources]))


def _of_tuning(body: dict[str, Any]) -> Instances:
    """The instances of as many training jobs as may run in parallel."""
    parallel = body["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxParallelTrainingJobs"]
    jobs = [definition.training_request("", {}).get("ResourceConfig", {}) for definition in definitions_of(body)]
    most: Instances = Counter()
    for resources in jobs:
        most |= _of_resources(resources)
    return Counter({instance_type: count * parallel for instance_type, count in most.items()})


def _of_fleet(body: dict[str, Any]) -> Instances:
    """The instances of an endpoint's variants; a serverless one has none."""
    found: Instances = Counter()
    for variant in (*body["_Fleet"]["Variants"], *body["_Fleet"]["Shadows"]):
        if "InstanceType" in variant:
            found[variant["InstanceType"]] += variant["Count"]
    return found


_MEASURES: dict[str, Callable[[dict[str, Any]], Instances]] = {
    "TrainingJob": lambda body: _of_resources(body["ResourceConfig"]),
    "HyperParameterTuningJob": _of_tuning,
    "ProcessingJob": lambda body: _counted(body["ProcessingResources"]["ClusterConfig"]),
    "TransformJob": lambda body: _counted(body["TransformResources"]),
    "Endpoint": _of_fleet,
}
