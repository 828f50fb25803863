"""The endpoint configurations of a release, besides the one that stays: of the contract test, and with a shadow.

Their names begin like the use case's other configurations, so that a deployment and `teardown` delete leftovers.
"""

from collections.abc import Mapping
from typing import Any

from config.use_case import UseCase
from tasks import clients, names
from tasks.sagemaker import hosted_models
from tasks.sagemaker.data_capture import SHADOW_VARIANT, data_capture
from tasks.sagemaker.hosted_models import HostedModel

SHADOW = SHADOW_VARIANT
"""The name of the shadow variant."""
TEST_CONCURRENCY = 2
"""The requests at the same time that a serverless endpoint of a contract test takes."""


def ensure_test_config(use_case: UseCase, version: int, hosted: HostedModel, tags: Mapping[str, str]) -> str:
    """Create the model, and a configuration of the smallest size with it. Returns the configuration's name.

    The requests of a test are no traffic: they are not captured.
    """
    hosted_models.ensure_model(hosted.name, hosted.model, tags)
    own = {name: value for name, value in hosted.config.items() if name != "DataCaptureConfig"}
    config = {**own, "ProductionVariants": [_smallest(hosted.config["ProductionVariants"][0])]}
    return _ensured(use_case, version, "contract test", config, tags)


def _smallest(variant: Mapping[str, Any]) -> dict[str, Any]:
    """One instance, or a serverless variant with the same memory and nothing provisioned."""
    if serverless := variant.get("ServerlessConfig"):
        size = {"MemorySizeInMB": serverless["MemorySizeInMB"], "MaxConcurrency": TEST_CONCURRENCY}
        return {**variant, "ServerlessConfig": size}
    return {**variant, "InitialInstanceCount": 1}


def ensure_shadow_config(
    use_case: UseCase, served: str, hosted: HostedModel, percent: int, tags: Mapping[str, str]
) -> str | None:
    """Create the configuration `served` with a shadow variant of a new model, and return its name.

    Its name has the version that answers. Returns None when the flows did not make `served`.
    """
    version = names.version_of(use_case, served)
    if version is None:
        return None
    found = clients.sagemaker().describe_endpoint_config(EndpointConfigName=served)
    production: dict[str, Any] = {**found["ProductionVariants"][0]}
    weight = production.get("InitialVariantWeight", 1.0) * percent / 100
    copied = {**hosted.config["ProductionVariants"][0], "VariantName": SHADOW, "InitialVariantWeight": weight}
    captured = data_capture(use_case, production["ModelName"], hosted.name)
    config = {**hosted.config, "ProductionVariants": [production], "ShadowProductionVariants": [copied], **captured}
    hosted_models.ensure_model(hosted.name, hosted.model, tags)
    return _ensured(use_case, version, "shadow", config, tags)


def _ensured(use_case: UseCase, version: int, kind: str, config: Mapping[str, Any], tags: Mapping[str, str]) -> str:
    name = names.hosted(use_case, version, [kind, config])
    hosted_models.ensure_config(name, config, tags)
    return name
