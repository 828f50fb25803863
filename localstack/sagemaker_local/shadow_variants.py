"""Shadow variants: the rules of an endpoint config that has one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sagemaker_local.errors import ValidationException


def check_config(body: dict[str, Any], models: list[dict[str, Any]]) -> None:
    """Refuses more variants than a shadow allows, and what AWS excludes (Developer Guide, "Shadow tests: Exclusions").

    Args:
        body: CreateEndpointConfig's request.
        models: the stored models of its production and shadow variants.

    Raises:
        ValidationException: the first rule that is broken.
    """
    variants, shadows = body["ProductionVariants"], body.get("ShadowProductionVariants", [])
    if not shadows:
        return
    if (len(variants), len(shadows)) != (1, 1):
        raise ValidationException(
            "If you use ShadowProductionVariants, you can only specify one variant for ProductionVariants and one "
            "variant for ShadowProductionVariants."
        )
    for variant, model in zip((*variants, *shadows), models, strict=True):
        for feature in _excluded(variant, model):
            raise ValidationException(
                f"{feature} is not supported with ShadowProductionVariants; found in variant {variant['VariantName']}."
            )


def _excluded(variant: dict[str, Any], model: dict[str, Any]) -> Iterator[str]:
    if "ServerlessConfig" in variant:
        yield "ServerlessConfig"
    if variant.get("InstanceType", "").startswith("ml.inf1."):
        yield "An Inf1 instance"
    if len(model["_Containers"]) > 1:
        yield "A model with several containers"
    if model["_Containers"][0].get("Mode") == "MultiModel":
        yield "A multi-model container"
