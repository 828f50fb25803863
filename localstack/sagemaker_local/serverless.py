"""Serverless variants: what AWS refuses for them, and their limits at each request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sagemaker_local.errors import RuntimeValidationError, ThrottlingException, ValidationException

LARGEST_BODY = 4 * 1024 * 1024
_MEMORY_STEP = 1024
_OF_INSTANCES = (
    "InstanceType",
    "InitialInstanceCount",
    "InstancePools",
    "AcceleratorType",
    "VolumeSizeInGB",
    "ManagedInstanceScaling",
    "RoutingConfig",
    "CoreDumpConfig",
)
"""The members of a ProductionVariant that only a variant on instances has."""


def check_config(body: dict[str, Any], models: list[dict[str, Any]]) -> None:
    """Refuses an endpoint config with a serverless variant and a feature that AWS excludes there.

    Args:
        body: CreateEndpointConfig's request.
        models: the stored models of its production variants, in order.

    Raises:
        ValidationException: the first rule that is broken.
    """
    variants = body["ProductionVariants"]
    for variant, model in zip(variants, models, strict=True):
        if "ServerlessConfig" in variant:
            _check_sizes(variant)
            for feature in (*_excluded(body), *_excluded_of_model(model)):
                raise ValidationException(
                    f"{feature} is not supported for the serverless production variant {variant['VariantName']}."
                )


def check_update(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Refuses to convert an endpoint on instances to a serverless one. The other direction is allowed.

    Args:
        old, new: the specifications of the fleets.

    Raises:
        ValidationException: the new fleet is serverless, and the old one is not.
    """
    if is_serverless(new) and not is_serverless(old):
        raise ValidationException("An endpoint with instances can't be updated to a serverless endpoint.")


def is_serverless(fleet: dict[str, Any]) -> bool:
    """Whether a fleet has a serverless variant."""
    return any("ServerlessConfig" in variant for variant in fleet["Variants"])


def admit(config: dict[str, Any] | None, requests: int, body: bytes) -> None:
    """Refuses a request to a serverless variant that is too large, or beyond the variant's concurrency.

    Args:
        config: the variant's ServerlessConfig; None for instances.
        requests: the number of the variant's requests in progress.
        body: the request's body.

    Raises:
        RuntimeValidationError: the body has more than 4 MB.
        ThrottlingException: MaxConcurrency requests are in progress.
    """
    if config is None:
        return
    if len(body) > LARGEST_BODY:
        raise RuntimeValidationError(
            "1 validation error detected: Value at 'body' failed to satisfy constraint: "
            f"Member must have length less than or equal to {LARGEST_BODY}"
        )
    if requests >= config["MaxConcurrency"]:
        raise ThrottlingException


def _check_sizes(variant: dict[str, Any]) -> None:
    config = variant["ServerlessConfig"]
    if config["MemorySizeInMB"] % _MEMORY_STEP:
        raise ValidationException(
            f"MemorySizeInMB must be 1024, 2048, 3072, 4096, 5120 or 6144; given: {config['MemorySizeInMB']}."
        )
    if config.get("ProvisionedConcurrency", 0) > config["MaxConcurrency"]:
        raise ValidationException(
            f"ProvisionedConcurrency ({config['ProvisionedConcurrency']}) must be less than or equal to MaxConcurrency "
            f"({config['MaxConcurrency']})."
        )
    if given := [member for member in _OF_INSTANCES if member in variant]:
        raise ValidationException(
            f"ServerlessConfig can't be combined with {', '.join(given)} in production variant "
            f"{variant['VariantName']}."
        )


def _excluded(body: dict[str, Any]) -> Iterator[str]:
    if len(body["ProductionVariants"]) > 1:
        yield "More than one production variant"
    if body.get("EnableNetworkIsolation"):
        yield "EnableNetworkIsolation"
    for member in ("VpcConfig", "DataCaptureConfig", "ShadowProductionVariants"):
        if body.get(member):
            yield member


def _excluded_of_model(model: dict[str, Any]) -> Iterator[str]:
    if model.get("VpcConfig"):
        yield "A model with VpcConfig"
    if model.get("EnableNetworkIsolation"):
        yield "A model with EnableNetworkIsolation"
    if len(model["_Containers"]) > 1:
        yield "A model with several containers"
    if model["_Containers"][0].get("Mode") == "MultiModel":
        yield "A multi-model container"
