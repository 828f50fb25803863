"""Names all resources that the flows create in SageMaker. Terraform names the other resources."""

import re
import secrets
from datetime import UTC, datetime
from typing import Any

from config.use_case import UseCase, slug_of
from tasks import digests

DIGEST = 12
"""The number of hexadecimal digits in a job's name."""
SETTINGS_DIGEST = 6
"""The number of hexadecimal digits in the name of a model and its endpoint configuration."""


def stamp() -> str:
    """Return a new run id: the time in UTC and eight random characters."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"


def training_jobs(use_case: UseCase, candidate: str) -> str:
    """The prefix of the names of a candidate's training jobs."""
    return f"{use_case.slug}-{candidate}"


def evaluation_jobs(use_case: UseCase) -> str:
    """The prefix of the names of a use case's evaluation jobs."""
    return f"{use_case.slug}-evaluation"


def transform_jobs(use_case: UseCase) -> str:
    """The prefix of the names of a use case's transform jobs."""
    return f"{use_case.slug}-score"


def spark_jobs(use_case: UseCase, action: str) -> str:
    """The prefix of the names of a use case's Spark jobs that do an action."""
    return f"{use_case.slug}-{action}"


def feature_group(use_case: str, group: str) -> str:
    """The name of a use case's feature group."""
    return f"{slug_of(use_case)}-{group}"


def job(prefix: str, request: Any, attempt: int) -> str:
    """Return the name of a job. Equal requests have equal names; each further attempt adds a number.

    `request` is a JSON value with everything that the job's result depends on. A name has at most 63 characters: 24 of
    the use case, 14 of the candidate, 12 of the digest, three hyphens and a number.
    """
    first = f"{prefix}-{digests.of_json(request)[:DIGEST]}"
    return first if attempt == 1 else f"{first}-{attempt}"


def hosted(use_case: UseCase, version: int, settings: Any) -> str:
    """The name of the model, and of the endpoint configuration, of a version.

    `settings` is a JSON value with everything that both depend on. Other settings have another name, because SageMaker
    never changes a model or an endpoint configuration.
    """
    return f"{hosted_prefix(use_case)}{version}-{digests.of_json(settings)[:SETTINGS_DIGEST]}"


def hosted_prefix(use_case: UseCase) -> str:
    """The prefix of the names of a use case's models and endpoint configurations, before the version."""
    return f"{use_case.slug}-v"


def version_of(use_case: UseCase, name: str) -> int | None:
    """The version in the name of a model or endpoint configuration; None for a name that `hosted` does not make.

    Earlier versions of VishwaOps left the digest out.
    """
    found = re.fullmatch(rf"{hosted_prefix(use_case)}([0-9]+)(-[0-9a-f]{{{SETTINGS_DIGEST}}})?", name)
    return int(found[1]) if found else None
