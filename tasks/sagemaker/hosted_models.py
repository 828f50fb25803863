"""The model of a registered version, and the endpoint configuration that serves it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from botocore.exceptions import ClientError

from config.hosting import Hosting, Serverless
from config.profile import active_profile
from config.use_case import UseCase
from tasks import clients, names
from tasks.platform import platform
from tasks.references import RegisteredModel
from tasks.sagemaker.data_capture import data_capture, settings_of
from tasks.sagemaker.resource_errors import exists_already, is_missing
from tasks.sagemaker.tags import tag_list
from tasks.signing.models import find_signature

SERVERLESS_WORKERS = "1"
"""Processes in the container of a serverless endpoint. AWS recommends one, with one copy of the model."""
UNUSED_FOR = timedelta(days=1)
"""The age from which an unused model may be deleted. A younger one may belong to a deployment of another run."""


@dataclass(frozen=True)
class HostedModel:
    """A model and its endpoint configuration, which have the same name, as requests to SageMaker."""

    name: str
    serverless: bool
    model: Mapping[str, Any]
    """CreateModel, without name and tags."""
    config: Mapping[str, Any]
    """CreateEndpointConfig, without name and tags."""


def of_version(use_case: UseCase, version: RegisteredModel) -> HostedModel:
    """Return how the use case hosts a registered version. A change of any setting changes the name."""
    hosting = use_case.hosting
    serverless = isinstance(hosting, Serverless)
    model = {
        "Containers": [_container(version, serverless=serverless)],
        "ExecutionRoleArn": platform().role("endpoint", use_case.name),
        **({} if serverless else _vpc_config()),
    }
    variant = {"VariantName": platform().variant, "InitialVariantWeight": 1.0, **_capacity(hosting)}
    key = platform().data_key
    # A group that was deleted and made again numbers its packages from 1: the ARN alone is not unique.
    settings = [model, variant, key, version.model_uri, *settings_of(use_case).items()]
    name = names.hosted(use_case, version.version, settings)
    config = {"ProductionVariants": [{**variant, "ModelName": name}], "KmsKeyId": key}
    return HostedModel(name=name, serverless=serverless, model=model, config={**config, **data_capture(use_case, name)})


def for_jobs(use_case: UseCase, version: RegisteredModel) -> tuple[str, dict[str, Any]]:
    """Return the model of a registered version for batch transform: its name, and CreateModel without name and tags.

    It has the role of jobs, because it reads its input from S3 and writes its output itself.
    """
    model = {
        "Containers": [_container(version, serverless=False)],
        "ExecutionRoleArn": platform().role("job", use_case.name),
        **_vpc_config(),
    }
    return names.hosted(use_case, version.version, ["job", model, version.model_uri]), model


def _container(version: RegisteredModel, *, serverless: bool) -> dict[str, Any]:
    """The container of a version. Its environment has what the endpoint checks at its start, if the version is signed:
    what serves an unsigned one already keeps its name, and nothing new may serve one."""
    signature = find_signature(version.model_uri)
    workers = {"SAGEMAKER_MODEL_SERVER_WORKERS": SERVERLESS_WORKERS} if serverless else {}
    environment = {**workers, **(signature.environment if signature else {})}
    return {"ModelPackageName": version.model_package_arn, **({"Environment": environment} if environment else {})}


def _vpc_config() -> dict[str, Any]:
    """The VpcConfig of a model on instances. Serverless endpoints take none."""
    network = platform().network
    if network is None:
        return {}
    return {"VpcConfig": {"Subnets": list(network.subnets), "SecurityGroupIds": list(network.security_groups)}}


def _capacity(hosting: Hosting) -> dict[str, Any]:
    """The members of a ProductionVariant that say what it runs on."""
    if not isinstance(hosting, Serverless):
        capacity = active_profile().endpoint
        return {"InstanceType": capacity.instance_type, "InitialInstanceCount": capacity.initial_instance_count}
    provisioned = hosting.provisioned_concurrency
    return {
        "ServerlessConfig": {
            "MemorySizeInMB": hosting.memory_in_mb,
            "MaxConcurrency": hosting.max_concurrency,
            **({} if provisioned is None else {"ProvisionedConcurrency": provisioned}),
        }
    }


def ensure(hosted: HostedModel, tags: Mapping[str, str]) -> None:
    """Create the model and its endpoint configuration, unless they exist."""
    ensure_model(hosted.name, hosted.model, tags)
    ensure_config(hosted.name, hosted.config, tags)


def ensure_config(name: str, config: Mapping[str, Any], tags: Mapping[str, str]) -> None:
    """Create an endpoint configuration, unless it exists."""
    sagemaker: Any = clients.sagemaker()
    _ensure(
        lambda: sagemaker.describe_endpoint_config(EndpointConfigName=name),
        lambda: sagemaker.create_endpoint_config(EndpointConfigName=name, **config, Tags=tag_list(tags)),
    )


def delete_config(name: str) -> None:
    """Delete an endpoint configuration, if it exists. Its model stays."""
    _or_none(lambda: clients.sagemaker().delete_endpoint_config(EndpointConfigName=name))


def ensure_model(name: str, model: Mapping[str, Any], tags: Mapping[str, str]) -> None:
    """Create a model, unless it exists."""
    sagemaker: Any = clients.sagemaker()
    _ensure(
        lambda: sagemaker.describe_model(ModelName=name),
        lambda: sagemaker.create_model(ModelName=name, **model, Tags=tag_list(tags)),
    )


def _ensure(describe: Callable[[], Any], create: Callable[[], Any]) -> None:
    """Create the resource unless `describe` finds it. Another run may create it at the same time."""
    if _or_none(describe):
        return
    try:
        create()
    except ClientError as error:
        if not exists_already(error):
            raise


def _or_none(call: Callable[[], Any]) -> Any:
    """Return the call's result, or None when the resource does not exist."""
    try:
        return call()
    except ClientError as error:
        if is_missing(error):
            return None
        raise


def delete_unused(use_case: UseCase, kept: Collection[str | None], age: timedelta) -> list[str]:
    """Delete the use case's models and endpoint configurations that are older than `age`, except the `kept` ones.

    Returns their names. Resources whose names the flows do not make are never deleted.
    """
    unused = sorted(set(listed(use_case, age)) - set(kept))
    for name in unused:
        _delete(name)
    return unused


def listed(use_case: UseCase, age: timedelta = timedelta(0)) -> list[str]:
    """Return the names of the use case's models and endpoint configurations that are older than `age`, sorted."""
    limit = datetime.now(UTC) - age
    return sorted(_listed(use_case, "EndpointConfig", limit) | _listed(use_case, "Model", limit))


def _delete(name: str) -> None:
    sagemaker = clients.sagemaker()
    _or_none(lambda: sagemaker.delete_endpoint_config(EndpointConfigName=name))
    _or_none(lambda: sagemaker.delete_model(ModelName=name))


def _listed(use_case: UseCase, kind: Literal["EndpointConfig", "Model"], before: datetime) -> set[str]:
    """The names of the use case's resources of a kind that were created before this time."""
    sagemaker: Any = clients.sagemaker()
    lister = sagemaker.get_paginator({"EndpointConfig": "list_endpoint_configs", "Model": "list_models"}[kind])
    pages = lister.paginate(NameContains=names.hosted_prefix(use_case), CreationTimeBefore=before)
    found = {item[f"{kind}Name"] for page in pages for item in page[f"{kind}s"]}
    return {name for name in found if names.version_of(use_case, name) is not None}
