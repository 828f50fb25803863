"""What CreateModel requires beyond the service model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sagemaker_local.errors import NotImplementedAction, ValidationException
from sagemaker_local.registry import deployable_container

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine


def prepare(engine: Engine, body: dict[str, Any]) -> None:
    """Checks the containers, and resolves a model package into what it will run (kept as `_Containers`)."""
    containers = _containers(body)
    if len(containers) > 1:
        raise NotImplementedAction("CreateModel with several containers is not implemented by SageMaker local yet.")
    for container in containers:
        container.setdefault("Mode", "SingleModel")
        if container["Mode"] == "MultiModel":
            raise NotImplementedAction("CreateModel with Mode MultiModel is not implemented by SageMaker local yet.")
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


def _resolved(engine: Engine, container: dict[str, Any]) -> dict[str, Any]:
    package = container.get("ModelPackageName")
    if package:
        base = deployable_container(engine, package)
        return {**base, "Environment": {**base.get("Environment", {}), **container.get("Environment", {})}}
    if not container.get("Image"):
        raise ValidationException("Image or ModelPackageName must be specified for a container.")
    return container
