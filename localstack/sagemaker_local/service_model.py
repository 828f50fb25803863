"""Botocore's service models: the source of all actions, members, limits and shapes."""

from functools import lru_cache
from typing import Any

from botocore.loaders import create_loader
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape

from sagemaker_local.errors import UnknownOperation

SAGEMAKER = "sagemaker"
RUNTIME = "sagemaker-runtime"
FEATURE_STORE_RUNTIME = "sagemaker-featurestore-runtime"


@lru_cache
def service_model(service: str = SAGEMAKER) -> ServiceModel:
    """The model of `sagemaker` or of one of its runtimes, read once."""
    return ServiceModel(create_loader().load_service_model(service, "service-2"), service)


@lru_cache
def operation(action: str, service: str = SAGEMAKER) -> OperationModel:
    """The model of one action.

    Raises:
        UnknownOperation: the service has no such action.
    """
    if action not in service_model(service).operation_names:
        raise UnknownOperation(f"The requested operation {action} is not one of {service}'s.")
    return service_model(service).operation_model(action)


def input_shape(action: str, service: str = SAGEMAKER) -> StructureShape:
    """The shape of an action's request."""
    return _structure(operation(action, service).input_shape)


def output_shape(action: str) -> StructureShape | None:
    """The shape of an action's response, or None if it has no body."""
    shape = operation(action).output_shape
    return None if shape is None else _structure(shape)


@lru_cache
def token_member(action: str) -> str | None:
    """The request member that makes an action idempotent, if it has one.

    UpdateModelPackage's ClientToken is one by its documentation, though the model does not mark it.
    """
    members = input_shape(action).members if operation(action).input_shape else {}
    marked = (name for name, shape in members.items() if shape.metadata.get("idempotencyToken"))
    return next(marked, "ClientToken" if "ClientToken" in members else None)


def summary_list(action: str) -> tuple[str, StructureShape]:
    """For a List action: the response member that holds the summaries, and the shape of one summary."""
    shape = output_shape(action)
    for name, member in (shape.members if shape else {}).items():
        if isinstance(member, ListShape):
            return name, _structure(member.member)
    raise LookupError(f"{action} does not return a list")


def project(record: Any, shape: Shape) -> Any:
    """The members of `record` that the shape has; None and unknown members are left out, at every level."""
    if isinstance(shape, StructureShape):
        return {
            name: project(record[name], member)
            for name, member in shape.members.items()
            if record.get(name) is not None
        }
    if isinstance(shape, ListShape):
        return [project(item, shape.member) for item in record]
    if isinstance(shape, MapShape):
        return {key: project(value, shape.value) for key, value in record.items()}
    return record


def without_empty_blocks(response: dict[str, Any], shape: StructureShape) -> dict[str, Any]:
    """A Describe response without `{}` and `[]`, which AWS leaves out too, unless the shape requires them."""
    return {name: value for name, value in response.items() if value not in ({}, []) or name in shape.required_members}


def _structure(shape: Shape | None) -> StructureShape:
    if not isinstance(shape, StructureShape):
        raise TypeError(f"{shape} is not a structure")
    return shape
