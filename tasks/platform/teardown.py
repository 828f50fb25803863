"""Finds and deletes what the flows created, so that Terraform can destroy the platform or one use case's part of it.

AWS refuses to delete a model package group that has packages, a security group that an endpoint or a job uses, and a
cluster that runs tasks. Buckets keep their objects: they are the owner's data.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from botocore import xform_name
from botocore.exceptions import ClientError

from config.errors import JobFailed
from config.profile import active_profile
from tasks import cancellation, clients, names
from tasks.platform.parameters import Platform

Kind = Literal[
    "flow run", "tuning job", "training job", "processing job", "transform job", "endpoint", "endpoint configuration",
    "model", "model card", "model package", "feature group",
]  # fmt: skip
JOBS: Mapping[Kind, str] = {
    "tuning job": "HyperParameterTuningJob",  # first: it starts training jobs
    "training job": "TrainingJob",
    "processing job": "ProcessingJob",
    "transform job": "TransformJob",
}
"""The names of SageMaker's jobs in its API."""
STOPPED: tuple[Kind, ...] = ("flow run", *JOBS)
"""The kinds that are stopped. SageMaker keeps finished jobs, and they cost nothing."""
RUNNING = ("InProgress", "Stopping")
CHANGING = ("Creating", "Updating", "SystemUpdating", "RollingBack")
"""The states in which SageMaker refuses to delete an endpoint."""
GONE = ("could not find", "not found", "does not exist", "in status completed", "in status failed", "in status stopped")
"""Parts of AWS's errors, in lower case, for a resource that another one has deleted or that has ended by itself."""


@dataclass(frozen=True)
class Leftover:
    """A resource that the flows created: its name or ARN, and its use case, or the cluster of a flow run."""

    kind: Kind
    name: str
    owner: str


def find(platform: Platform, use_cases: tuple[str, ...], *, feature_groups: bool = False) -> tuple[Leftover, ...]:
    """Return what the flows created for these use cases, in the order in which it can be deleted.

    Feature groups hold data, so they are only found when asked for. Their offline store stays in any case.
    """
    finders = (*_OF_A_USE_CASE, *([_feature_groups] if feature_groups else []))
    sought = [finder(platform, use_case) for finder in finders for use_case in use_cases]
    return tuple(found for each in (_flow_runs(platform, use_cases), *sought) for found in each)


def remove(leftover: Leftover) -> None:
    """Delete or stop a resource, and wait until it is gone. What is gone already is no error."""
    try:
        _REMOVERS[leftover.kind](leftover)
    except ClientError as error:
        if not any(words in error.response["Error"].get("Message", "").lower() for words in GONE):
            raise


def _flow_runs(platform: Platform, use_cases: tuple[str, ...]) -> Iterator[Leftover]:
    """The tasks of all flow runs, unless only some of the use cases are asked for: a task does not name its own."""
    pool = json.loads(platform.values.get("prefect/work_pool", "{}"))
    if "family" in pool and set(use_cases) == set(platform.use_cases):
        pages = (
            clients.client("ecs").get_paginator("list_tasks").paginate(cluster=pool["cluster"], family=pool["family"])
        )
        for page in pages:
            yield from (Leftover("flow run", arn, pool["cluster"]) for arn in page["taskArns"])


def _jobs(kind: Kind) -> Callable[[Platform, str], Iterator[Leftover]]:
    job = JOBS[kind]

    def find(platform: Platform, use_case: str) -> Iterator[Leftover]:
        prefix = f"{platform.endpoint(use_case)}-"
        for status in RUNNING:
            for found in _pages(
                f"list_{xform_name(job)}s", f"{job}Summaries", NameContains=prefix, StatusEquals=status
            ):
                if found[f"{job}Name"].startswith(prefix):
                    yield Leftover(kind, found[f"{job}Name"], use_case)

    return find


def _endpoints(platform: Platform, use_case: str) -> Iterator[Leftover]:
    name = platform.endpoint(use_case)
    for found in _pages("list_endpoints", "Endpoints", NameContains=name):
        if found["EndpointName"] in (name, names.contract_endpoint(name)):
            yield Leftover("endpoint", found["EndpointName"], use_case)


def _versions(kind: Kind, action: str, summaries: str, name: str) -> Callable[[Platform, str], Iterator[Leftover]]:
    """Models and endpoint configurations: `<slug>-v<version>`, and what follows a hyphen."""

    def find(platform: Platform, use_case: str) -> Iterator[Leftover]:
        prefix = f"{platform.endpoint(use_case)}-v"
        for found in _pages(action, summaries, NameContains=prefix):
            if re.fullmatch(rf"{re.escape(prefix)}\d+(-[0-9a-f]+)?", found[name]):
                yield Leftover(kind, found[name], use_case)

    return find


def _cards(platform: Platform, use_case: str) -> Iterator[Leftover]:
    """The cards of a use case's versions: SageMaker could not read them without the environment's key."""
    group = platform.model_package_group(use_case)
    for found in _pages("list_model_cards", "ModelCardSummaries", NameContains=group):
        if re.fullmatch(rf"{re.escape(group)}-\d+", found["ModelCardName"]):
            yield Leftover("model card", found["ModelCardName"], use_case)


def _packages(platform: Platform, use_case: str) -> Iterator[Leftover]:
    group = platform.model_package_group(use_case)
    for found in _pages("list_model_packages", "ModelPackageSummaryList", ModelPackageGroupName=group):
        yield Leftover("model package", found["ModelPackageArn"], use_case)


def _feature_groups(platform: Platform, use_case: str) -> Iterator[Leftover]:
    """The groups that flows have made. Terraform destroys its own."""
    prefix = f"{platform.endpoint(use_case)}-"
    for found in _pages("list_feature_groups", "FeatureGroupSummaries", NameContains=prefix):
        name = found["FeatureGroupName"]
        described = clients.sagemaker().describe_feature_group(FeatureGroupName=name)
        if name.startswith(prefix) and described.get("Description") == names.feature_group_description(use_case):
            yield Leftover("feature group", name, use_case)


def _pages(action: str, summaries: str, **filters: str) -> Iterator[Mapping[str, Any]]:
    """Each summary of a list, to its end: a page may be empty and still not be the last one."""
    for page in clients.sagemaker().get_paginator(action).paginate(**filters):  # type: ignore[call-overload]
        yield from page[summaries]


_OF_A_USE_CASE: tuple[Callable[[Platform, str], Iterator[Leftover]], ...] = (
    *map(_jobs, JOBS),
    _endpoints,
    _versions("endpoint configuration", "list_endpoint_configs", "EndpointConfigs", "EndpointConfigName"),
    _versions("model", "list_models", "Models", "ModelName"),
    _cards,
    _packages,
)


def _stop_task(leftover: Leftover) -> None:
    reason = "vishwaops teardown"
    clients.client("ecs").stop_task(cluster=leftover.owner, task=leftover.name, reason=reason)


def _stop_job(leftover: Leftover) -> None:
    sagemaker: Any = clients.sagemaker()
    job, named = JOBS[leftover.kind], {f"{JOBS[leftover.kind]}Name": leftover.name}
    getattr(sagemaker, f"stop_{xform_name(job)}")(**named)
    describe = getattr(sagemaker, f"describe_{xform_name(job)}")
    _until(lambda: describe(**named)[f"{job}Status"] not in RUNNING)


def _delete_endpoint(leftover: Leftover) -> None:
    describe = clients.sagemaker().describe_endpoint
    _until(lambda: describe(EndpointName=leftover.name)["EndpointStatus"] not in CHANGING)
    clients.sagemaker().delete_endpoint(EndpointName=leftover.name)
    waiting: Any = clients.sagemaker().get_waiter("endpoint_deleted")
    waiting.wait(EndpointName=leftover.name, WaiterConfig={"Delay": active_profile().poll_seconds, "MaxAttempts": 180})


def _delete_group(leftover: Leftover) -> None:
    clients.sagemaker().delete_feature_group(FeatureGroupName=leftover.name)
    describe = clients.sagemaker().describe_feature_group
    # DescribeFeatureGroup raises when the group is gone, which `remove` expects.
    _until(lambda: describe(FeatureGroupName=leftover.name)["FeatureGroupStatus"] != "Deleting")
    found = describe(FeatureGroupName=leftover.name)
    raise JobFailed(
        f"feature group {leftover.name}: expected to be deleted, found {found['FeatureGroupStatus']}: "
        f"{found.get('FailureReason', 'no reason given')}. Run again"
    )


def _until(done: Callable[[], bool]) -> None:
    while not done():
        cancellation.wait(active_profile().poll_seconds)


_REMOVERS: Mapping[Kind, Callable[[Leftover], Any]] = {
    "flow run": _stop_task,
    **dict.fromkeys(JOBS, _stop_job),
    "endpoint": _delete_endpoint,
    "endpoint configuration": lambda found: clients.sagemaker().delete_endpoint_config(EndpointConfigName=found.name),
    "model": lambda found: clients.sagemaker().delete_model(ModelName=found.name),
    "model card": lambda found: clients.sagemaker().delete_model_card(ModelCardName=found.name),
    "model package": lambda found: clients.sagemaker().delete_model_package(ModelPackageName=found.name),
    "feature group": _delete_group,
}
