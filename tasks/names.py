"""The one place that names what the flows make in SageMaker; what they find there, Terraform names."""

import secrets
from datetime import UTC, datetime
from typing import Any

from config.use_case import UseCase
from tasks import digests

DIGEST = 12
"""Hexadecimal digits in a job's name."""


def stamp() -> str:
    """A run's mark: the time in UTC and four characters that no other run of this second has."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def training_jobs(use_case: UseCase, candidate: str) -> str:
    """How the names of a candidate's training jobs begin."""
    return f"{use_case.slug}-{candidate}"


def evaluation_jobs(use_case: UseCase) -> str:
    """How the names of a use case's evaluation jobs begin."""
    return f"{use_case.slug}-evaluation"


def job(prefix: str, request: Any, attempt: int) -> str:
    """The name of a job: equal requests have the same one, and each further attempt a number.

    `request` is a JSON value of all that decides the job's result. At most 63 characters: 24 of the use case, 14 of
    the candidate, 12 of the digest, three hyphens and a number.
    """
    first = f"{prefix}-{digests.of_json(request)[:DIGEST]}"
    return first if attempt == 1 else f"{first}-{attempt}"


def model(use_case: UseCase, version: int) -> str:
    """The model, and the endpoint configuration, of a version."""
    return f"{model_prefix(use_case)}{version}"


def model_prefix(use_case: UseCase) -> str:
    """What the name of each model of a use case begins with, before the version."""
    return f"{use_case.slug}-v"
