"""Registered versions of a use case for tests: an evaluation.json, and a model.tar.gz."""

import io
from typing import Any
from uuid import uuid4

from config.use_case import UseCase
from tasks import digests, locations, storage
from tasks.platform import platform
from tasks.sagemaker import registry
from tests.sagemaker_local.support import archive

EMPTY = archive()
"""A model.tar.gz without files."""


def register(case: UseCase, evidence: dict[str, Any], body: bytes = EMPTY) -> int:
    """Register a version with this content of its evaluation.json, and return its number."""
    name = uuid4().hex
    uri = f"{locations.evaluations(case.name)}/{name}/evaluation.json"
    model = f"{locations.jobs(case.name)}/{name}/output/model.tar.gz"
    storage.put_json(uri, evidence)
    storage.put(model, body)
    arn = registry.ensure_package(
        platform().model_package_group(case.name),
        f"token-{name[:20]}",
        description="a model",
        model=model,
        evaluation_uri=uri,
        facts={registry.EVALUATION: name, registry.MODEL_DIGEST: digests.of_file(io.BytesIO(body))},
    )
    return registry.version_of(arn)
