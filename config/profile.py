"""A profile says where the flows run: offline on this machine, or on AWS."""

import os
from functools import cache
from typing import Literal

from pydantic import Field

from config import settings
from config.documents import Document, Integer, Number, read_document
from config.errors import ConfigError

VARIABLE = "VISHWAOPS_PROFILE"
"""Names the profile in a process's environment, so that workers and their children agree on it."""


EXPANDED = ("environment", "region")
"""The keys in which `${NAME}` is an environment variable: they hold no secret."""


class Jobs(Document):
    """The machine that each SageMaker job gets."""

    instance_type: str
    instance_count: Integer = Field(ge=1)
    volume_size_in_gb: Integer = Field(ge=1)
    max_runtime_in_seconds: Integer = Field(ge=1)


class EndpointCapacity(Document):
    """The machines behind each endpoint."""

    instance_type: str
    initial_instance_count: Integer = Field(ge=1)
    bake_seconds: Integer = Field(ge=0, le=3600)
    """How long the old machines wait, while alarms can still roll a new version back."""


class Step(Document):
    """How a step of a flow is retried and limited."""

    retries: Integer = Field(ge=0)
    """How often it is tried again after a lost connection, or when AWS asks to slow down."""
    first_retry_after_seconds: Number = Field(gt=0)
    """Each further retry waits twice as long."""
    limit_in_seconds: Integer = Field(ge=1)


class Profile(Document):
    """Everything that differs between offline and AWS, but for what Terraform makes."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,23}$")
    offline: bool
    environment: str = Field(pattern=r"^[a-z][a-z0-9]{1,11}$")
    """The environment in terraform/environments/ that the flows run on."""
    region: str = Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")
    image: str
    experiments: Literal["files", "tracking_server"]
    """Where MLflow keeps them: files on this machine, or the environment's SageMaker managed MLflow."""
    jobs: Jobs
    endpoint: EndpointCapacity
    step: Step
    poll_seconds: Number = Field(gt=0)
    """The polling interval of jobs and endpoints."""
    heartbeat_seconds: Number = Field(gt=0)
    """How often a run writes that its process lives."""
    max_attempts: Integer = Field(ge=1)
    """How often an AWS call is tried before its error counts."""
    read_timeout_in_seconds: Integer = Field(ge=1)
    """How long an AWS call waits for its answer, but for a request to an endpoint."""

    @property
    def parameters(self) -> str:
        """The path below which Terraform writes what it made, as SSM parameters."""
        return f"/{settings.NAME}/{self.environment}"


def profile_names() -> list[str]:
    """The names of the profiles in config/profiles/, sorted."""
    return sorted(file.stem for file in settings.PROFILES.glob("*.yaml"))


def active_profile() -> Profile:
    """Return the profile that the environment names, `offline` when it names none."""
    return load_profile(os.environ.get(VARIABLE, "offline"))


@cache
def load_profile(name: str) -> Profile:
    """Return config/profiles/<name>.yaml. Raises ConfigError when there is none, or it is wrong."""
    if name not in profile_names():
        raise ConfigError(f"profile: expected one of {', '.join(profile_names())}; found {name!r}")
    path = settings.PROFILES / f"{name}.yaml"
    return read_document(path, Profile, expanded=EXPANDED)
