"""Hosting: models, endpoint configurations and endpoints."""

from __future__ import annotations

from sagemaker_local import hosting, models
from sagemaker_local.resource_kind import ResourceKind

KINDS = (
    ResourceKind(
        "Model",
        "model",
        newest_first=True,
        defaults={"EnableNetworkIsolation": False},
        not_found_message='Could not find model "{arn}".',
        already_exists_message='Cannot create already existing model "{arn}".',
        already_exists_error="ValidationException",
        prepare=models.prepare,
    ),
    ResourceKind(
        "EndpointConfig",
        "endpoint-config",
        newest_first=True,
        not_found_message='Could not find endpoint configuration "{arn}".',
        already_exists_message='Cannot create already existing endpoint configuration "{arn}".',
        already_exists_error="ValidationException",
        prepare=hosting.prepare_config,
    ),
    ResourceKind(
        "Endpoint",
        "endpoint",
        status="EndpointStatus",
        event="SageMaker Endpoint State Change",
        newest_first=True,
        defaults={"EndpointStatus": "Creating"},
        not_found_message='Could not find endpoint "{arn}".',
        already_exists_message='Cannot create already existing endpoint "{arn}".',
        already_exists_error="ValidationException",
        prepare=hosting.prepare_endpoint,
        created=hosting.start,
        delete=hosting.delete,
    ),
)
