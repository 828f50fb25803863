"""A profile: the settings for running the flows offline on this machine, or on AWS."""

import os
from functools import cache
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from config import settings
from config.documents import Document, Integer, Number, read_document
from config.errors import ConfigError
from config.images import is_own
from config.instance_types import require_volume_key
from config.mlflow_versions import require_server
from config.notifications import Notifications

VARIABLE = "VISHWAOPS_PROFILE"
"""The environment variable that names the profile. Child processes inherit it."""

LARGEST_PAYLOADS_IN_MB = 100
"""The limit of the requests that an instance of a transform job gets at the same time (CreateTransformJob)."""
MOST_INSTANCES = 100
"""The limit of a transform job (CreateTransformJob)."""

EXPANDED = ("environment", "image", "region")
"""The keys that may have an environment variable `${NAME}`. They hold no secret."""
REFERRING = ("notifications.webhooks.*.url",)
"""The keys that may have an environment variable with a secret. They are expanded only when used."""


def _require_one(count: int) -> int:
    if count > 1:
        raise ValueError(
            f"expected 1, because it also counts for jobs that are not distributed; found {count}. For training on "
            "several instances, set `training: {instances: N}` in the use case"
        )
    return count


InstanceType = Annotated[str, Field(pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9]+$"), AfterValidator(require_volume_key)]


class Jobs(Document):
    """The instances of each SageMaker job."""

    instance_type: InstanceType
    instance_count: Annotated[Integer, Field(ge=1), AfterValidator(_require_one)]
    """A use case's `training.instances` decides for its training jobs."""
    volume_size_in_gb: Integer = Field(ge=1)
    max_runtime_in_seconds: Integer = Field(ge=1)


class Spark(Document):
    """The instances of each job of a use case with `engine: spark`."""

    image: str = Field(pattern=r"^[a-z0-9._-]+:[A-Za-z0-9._-]+$")
    """The repository and tag of AWS's image."""
    instance_type: InstanceType
    instance_count: Integer = Field(ge=1)
    volume_size_in_gb: Integer = Field(ge=1)


class EndpointCapacity(Document):
    """The instances of each endpoint."""

    instance_type: InstanceType
    initial_instance_count: Integer = Field(ge=1)
    bake_seconds: Integer = Field(ge=0, le=3600)
    """How long the old instances stay after a deployment, so that an alarm can roll it back."""
    release_minute_in_seconds: Integer = Field(default=60, ge=1, le=60)
    """The length of a minute of the use cases' `release`."""


class Transform(Document):
    """The instances of each batch transform job, and how they are sent rows."""

    instance_type: InstanceType
    instance_count: Integer = Field(ge=1, le=MOST_INSTANCES)
    """`vishwaops run score --instances N` overrides it."""
    max_concurrent_transforms: Integer = Field(ge=1)
    """The requests that each instance answers at the same time: as many as it has processors."""
    max_payload_in_mb: Integer = Field(ge=1)
    """A limit of a request. A shard of rows is at most half of it."""

    @model_validator(mode="after")
    def _an_instance_can_hold_its_requests(self) -> Self:
        together = self.max_concurrent_transforms * self.max_payload_in_mb
        if together > LARGEST_PAYLOADS_IN_MB:
            raise ValueError(
                f"expected max_concurrent_transforms * max_payload_in_mb of at most {LARGEST_PAYLOADS_IN_MB}, a limit "
                f"of batch transform; found {together}"
            )
        return self


class Step(Document):
    """The retries and time limits of a flow's steps."""

    retries: Integer = Field(ge=0)
    """The number of retries after a lost connection or throttling by AWS."""
    first_retry_after_seconds: Number = Field(gt=0)
    """Each following retry waits twice as long."""
    limit_in_seconds: Integer = Field(ge=1)


class Lineage(Document):
    """Where OpenLineage events go: a file of the state folder, a server, or nowhere."""

    kind: Literal["file", "http", "none"]
    url: str | None = Field(default=None, pattern=r"^(https://|http://(127\.0\.0\.1|localhost)[:/])[^\s@?]+$")
    """The server of `kind: http`. The environment variable OPENLINEAGE_API_KEY may have its key."""

    @model_validator(mode="after")
    def _a_server_has_a_url(self) -> Self:
        if (self.kind == "http") != (self.url is not None):
            raise ValueError("expected a url of kind: http, and of no other kind")
        return self


class Profile(Document):
    """The settings that differ between offline and AWS, except those of Terraform's resources."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,23}$")
    offline: bool
    environment: str = Field(pattern=r"^[a-z][a-z0-9]{1,11}$")
    """The environment in terraform/environments/ that the flows run on."""
    region: str = Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")
    image: str = Field(pattern=r"^[a-z0-9._-]+:[A-Za-z0-9._-]+$")
    """The repository and tag of the image of jobs and endpoints: AWS's prebuilt one, or our own, such as
    `vishwaops-model:1.0.0`. `platform().image` returns its URI."""
    experiments: Literal["files", "tracking_server"]
    """Where MLflow stores runs: in files on this machine, or in the environment's SageMaker managed MLflow."""
    mlflow_server: Annotated[str, AfterValidator(require_server)] | None = None
    """The version of SageMaker managed MLflow that Terraform creates."""
    jobs: Jobs
    spark: Spark
    endpoint: EndpointCapacity
    transform: Transform
    step: Step
    lineage: Lineage
    notifications: Notifications = Notifications()
    """Who is notified when a flow run fails."""
    poll_seconds: Number = Field(gt=0)
    """The polling interval of jobs and endpoints."""
    heartbeat_seconds: Number = Field(gt=0)
    """The interval of a run's heartbeats."""
    max_attempts: Integer = Field(ge=1)
    """The number of attempts of an AWS call before its error is raised."""
    read_timeout_in_seconds: Integer = Field(ge=1)
    """How long an AWS call waits for its response. Requests to an endpoint have their own limit."""

    @property
    def own_image(self) -> bool:
        """Whether `image` is our own: it has the programs of sagemaker_scripts/container/bin, and installs nothing."""
        return is_own(self.image)

    @property
    def parameters(self) -> str:
        """The path of the SSM parameters in which Terraform writes the names and ARNs of its resources."""
        return f"/{settings.NAME}/{self.environment}"


def profile_names() -> list[str]:
    """The names of the profiles in config/profiles/, sorted."""
    return sorted(file.stem for file in settings.PROFILES.glob("*.yaml"))


def active_profile() -> Profile:
    """Return the profile that VISHWAOPS_PROFILE names; `offline` when it is not set."""
    return load_profile(os.environ.get(VARIABLE, "offline"))


@cache
def load_profile(name: str) -> Profile:
    """Return config/profiles/<name>.yaml. Raises ConfigError when it is missing or invalid."""
    if name not in profile_names():
        raise ConfigError(f"profile: expected one of {', '.join(profile_names())}; found {name!r}")
    path = settings.PROFILES / f"{name}.yaml"
    return read_document(path, Profile, expanded=EXPANDED, referring=REFERRING)
