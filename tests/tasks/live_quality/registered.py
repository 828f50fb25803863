"""Registered versions of a use case for tests: an evaluation.json, and a model.tar.gz."""

from typing import Any
from uuid import uuid4

from config.use_case import UseCase
from tasks import digests, locations, storage
from tasks.platform import platform
from tasks.sagemaker import registry


def register(case: UseCase, evidence: dict[str, Any], archive: bytes = b"") -> int:
    """Register a version with this content of its evaluation.json, and return its number."""
    name = uuid4().hex
    uri = f"{locations.evaluations(case.name)}/{name}/evaluation.json"
    model = f"{locations.jobs(case.name)}/{name}/output/model.tar.gz"
    storage.put_json(uri, evidence)
    storage.put(model, archive)
    arn = registry.ensure_package(
        platform().model_package_group(case.name),
        f"token-{name[:20]}",
        description="a model",
        model=model,
        evaluation_uri=uri,
        facts={registry.EVALUATION: name, registry.MODEL_DIGEST: digests.of_bytes(archive)},
    )
    return registry.version_of(arn)
