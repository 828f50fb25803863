"""Names all resources that the flows create in SageMaker. Terraform names the other resources."""

import base64
import hashlib
import json
import re
import secrets
from datetime import UTC, datetime
from typing import Any

from config.use_case import UseCase, slug_of
from tasks import digests

DIGEST = 12
"""The number of hexadecimal digits in a job's name."""
LONGEST_TUNING_JOB = 32
"""The limit of a tuning job's name (API reference: CreateHyperParameterTuningJob)."""
SETTINGS_DIGEST = 6
"""The number of hexadecimal digits in the name of a model and its endpoint configuration."""
STAMP_TIME = "%Y%m%d-%H%M%S"
"""How a stamp begins."""
STAMP = re.compile(r"(\d{8}-\d{6})-[0-9a-f]+")


def stamp() -> str:
    """Return a new run id: the time in UTC and eight random characters."""
    return f"{stamp_time(datetime.now(UTC))}-{secrets.token_hex(4)}"


def stamp_time(moment: datetime) -> str:
    """Return how the stamps of a moment begin. They sort by time."""
    return f"{moment.astimezone(UTC):{STAMP_TIME}}"


def time_of(stamp: str) -> datetime | None:
    """Return the time of a stamp, in UTC; None for another text."""
    found = STAMP.fullmatch(stamp)
    try:
        return datetime.strptime(found[1], STAMP_TIME).replace(tzinfo=UTC) if found else None
    except ValueError:
        return None


def training_jobs(use_case: UseCase, candidate: str) -> str:
    """The prefix of the names of a candidate's training jobs."""
    return f"{use_case.slug}-{candidate}"


def refit_jobs(use_case: UseCase, candidate: str) -> str:
    """The prefix of the names of the jobs that refit a candidate."""
    return f"{training_jobs(use_case, candidate)}-refit"


def repeated_jobs(use_case: UseCase) -> str:
    """The prefix of the names of the jobs that reproduce a version."""
    return f"{use_case.slug}-reproduce"


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


def feature_group_description(use_case: str) -> str:
    """The description of a feature group that flows have made. Terraform may make others."""
    return f"Written by the flows of {use_case}"


def job(prefix: str, request: Any, attempt: int) -> str:
    """Return the name of a job. Equal requests have equal names; each further attempt adds a number.

    `request` is a JSON value with everything that the job's result depends on. A name has at most 63 characters: 24 of
    the use case, 14 of the candidate, 6 of `-refit`, 12 of the digest, three hyphens and a number.
    """
    first = f"{prefix}-{digests.of_json(request)[:DIGEST]}"
    return first if attempt == 1 else f"{first}-{attempt}"


def request_of(job: str) -> str | None:
    """The name of a job without the number of its attempt; None for a name that `job` does not make."""
    found = re.fullmatch(rf"(.+-[0-9a-f]{{{DIGEST}}})(-[0-9]+)?", job)
    return found[1] if found else None


def tuning_job(prefix: str, request: Any, attempt: int) -> str:
    """Return the name of a tuning job, `<slug of the use case>-<digest of the request and the attempt>`.

    A tuning job's name has at most 32 characters, of which the use case has up to 24. So the digest is in base 32, and
    holds the number of the attempt.
    """
    room = min(LONGEST_TUNING_JOB - len(prefix) - 1, DIGEST)
    content = hashlib.sha256(json.dumps([digests.of_json(request), attempt]).encode()).digest()
    return f"{prefix}-{base64.b32encode(content).decode().lower()[:room]}"


def model_card(group: str, version: int) -> str:
    """The name of the ModelCard of a version of a model package group."""
    return f"{group}-{version}"


def contract_endpoint(endpoint: str) -> str:
    """The name of the endpoint that tests a version before its release, beside a use case's own endpoint.

    It does not begin with the endpoint's name, because LocalStack takes a metric's dimension for the beginning of its
    value: the errors of a test would set off the endpoint's alarms.
    """
    return f"contract-{endpoint}"


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
