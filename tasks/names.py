"""The one place that names what the flows make in SageMaker; what they find there, Terraform names."""

import secrets
from datetime import UTC, datetime

from config.use_case import UseCase


def stamp() -> str:
    """A run's mark: the time in UTC and four characters that no other run of this second has."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def training_job(use_case: UseCase, candidate: str) -> str:
    """A new name, at most 63 characters long: 24 + 14 + 20 and two hyphens."""
    return f"{use_case.slug}-{candidate}-{stamp()}"


def evaluation_job(use_case: UseCase) -> str:
    """A new name for a processing job."""
    return f"{use_case.slug}-evaluation-{stamp()}"


def model(use_case: UseCase, version: int) -> str:
    """The model, and the endpoint configuration, of a version."""
    return f"{model_prefix(use_case)}{version}"


def model_prefix(use_case: UseCase) -> str:
    """What the name of each model of a use case begins with, before the version."""
    return f"{use_case.slug}-v"
