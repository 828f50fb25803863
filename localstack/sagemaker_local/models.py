"""The rules of CreateModel beyond the service model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sagemaker_local.errors import ValidationException
from sagemaker_local.registry import deployable_container

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine


def prepare(engine: Engine, body: dict[str, Any]) -> None:
    """Checks the containers, and resolves model packages into containers (stored as `_Containers`)."""
    containers = _containers(body)
    for container in containers:
        container.setdefault("Mode", "SingleModel")
        _check_source(container)
    _check_together(body, containers)
    body["_Containers"] = [_resolved(engine, container) for container in containers]


def _containers(body: dict[str, Any]) -> list[dict[str, Any]]:
    primary, several = body.get("PrimaryContainer"), body.get("Containers")
    if primary is not None and several is not None:
        raise ValidationException(
            "You cannot specify both a PrimaryContainer and a list of Containers. Please specify one of the two."
        )
    if primary is None and not several:
        raise ValidationException("Please specify either a PrimaryContainer or a list of Containers.")
    return [primary] if primary is not None else list(several or [])


def _check_source(container: dict[str, Any]) -> None:
    source = container.get("ModelDataSource", {}).get("S3DataSource")
    if source and container.get("ModelDataUrl"):
        raise ValidationException("You cannot specify both ModelDataUrl and ModelDataSource. Please specify one.")
    if source and source["S3DataType"] == "S3Prefix" and source["CompressionType"] == "Gzip":
        raise ValidationException("CompressionType Gzip needs an S3DataType of S3Object.")
    if source and source["S3DataType"] == "S3Prefix" and not source["S3Uri"].endswith("/"):
        raise ValidationException(f"S3Uri {source['S3Uri']} must end with a forward slash when S3DataType is S3Prefix.")
    if container["Mode"] == "MultiModel" and not container.get("ModelDataUrl"):
        raise ValidationException("ModelDataUrl, the prefix of the models, must be specified in Mode MultiModel.")


def _check_together(body: dict[str, Any], containers: list[dict[str, Any]]) -> None:
    if len(containers) > 1 and any(container["Mode"] == "MultiModel" for container in containers):
        raise ValidationException("A container of Mode MultiModel can't be one of several containers.")
    if body.get("InferenceExecutionConfig", {}).get("Mode") != "Direct":
        return
    hostnames = [container.get("ContainerHostname") for container in containers]
    if len(containers) < 2 or None in hostnames or len(set(hostnames)) < len(hostnames):
        raise ValidationException(
            "InferenceExecutionConfig Mode Direct needs at least two containers, each with its own ContainerHostname."
        )


def _resolved(engine: Engine, container: dict[str, Any]) -> dict[str, Any]:
    package = container.get("ModelPackageName")
    if package:
        base = deployable_container(engine, package)
        return {**base, "Environment": {**base.get("Environment", {}), **container.get("Environment", {})}}
    if not container.get("Image"):
        raise ValidationException("Image or ModelPackageName must be specified for a container.")
    return container
