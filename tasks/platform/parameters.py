"""What Terraform made for the flows, read from its SSM parameters once for each process.

terraform/platform/outputs.tf writes them. A name or ARN in them is defined nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from botocore.exceptions import BotoCoreError, ClientError

from config.errors import NoPlatform, Unreachable
from config.profile import active_profile
from tasks import clients

COMPLETE = "use_cases"
"""The parameter with the use cases' names. It is written last, so it marks the platform complete."""

Purpose = Literal["data", "artefacts", "monitoring"]
Kind = Literal["job", "endpoint"]


@dataclass(frozen=True)
class Network:
    """Where jobs and endpoints run."""

    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]


@dataclass(frozen=True)
class Platform:
    """The environment's names and ARNs, by parameter. Each raises NoPlatform where its parameter is missing."""

    path: str
    values: Mapping[str, str]

    def bucket(self, purpose: Purpose) -> str:
        """The bucket of rows, of artefacts, or of monitoring's results."""
        return self._value(f"bucket/{purpose}")

    @property
    def data_key(self) -> str:
        """The key that encrypts all three, and the jobs' volumes."""
        return self._value("key/data")

    @property
    def network(self) -> Network | None:
        """The private subnets and the security groups of the VPC; None where the environment has no VPC."""
        if "network/subnets" not in self.values:
            return None
        return Network(
            tuple(self._value("network/subnets").split(",")), tuple(self._value("network/security_groups").split(","))
        )

    @property
    def metric_namespace(self) -> str:
        """The CloudWatch namespace of the metrics that alarms and dashboard read."""
        return self._value("metrics/namespace")

    @property
    def variant(self) -> str:
        """The production variant that serves the approved model."""
        return self._value("serving/variant")

    @property
    def tracking_server(self) -> str:
        """The ARN of SageMaker managed MLflow, which is its tracking URI."""
        return self._value("mlflow/tracking_server")

    def knows(self, use_case: str) -> bool:
        """Whether this use case has its roles, its model package group and its alarms."""
        return f"role/job/{use_case}" in self.values

    def role(self, kind: Kind, use_case: str) -> str:
        """The ARN of the role that a use case's jobs, or its endpoint, run in."""
        return self._value(f"role/{kind}/{use_case}")

    def model_package_group(self, use_case: str) -> str:
        """The group that holds a use case's versions."""
        return self._value(f"model_package_group/{use_case}")

    def endpoint(self, use_case: str) -> str:
        """The name of a use case's one endpoint."""
        return self._value(f"endpoint/{use_case}")

    def guardrail_alarms(self, use_case: str) -> list[str]:
        """The alarms that roll a deployment back."""
        return self._value(f"guardrail_alarms/{use_case}").split(",")

    def _value(self, name: str) -> str:
        try:
            return self.values[name]
        except KeyError:
            environment = self.path.rsplit("/", 1)[-1]
            raise NoPlatform(
                f"{self.path}/{name}: expected an SSM parameter that Terraform writes, found none. Put the use case in "
                f"config/use_cases/, or set what is missing in terraform/environments/{environment}/platform.tfvars, "
                f"and apply: make tf-apply ENV={environment}"
            ) from None


def read_platform() -> Platform | None:
    """Read the parameters of the active profile's environment; None where it is missing or incomplete.

    Raises Unreachable when Systems Manager does not answer, or denies access.
    """
    path = active_profile().parameters
    try:
        pages = clients.ssm().get_paginator("get_parameters_by_path").paginate(Path=path, Recursive=True)
        values = {found["Name"][len(path) + 1 :]: found["Value"] for page in pages for found in page["Parameters"]}
    except (BotoCoreError, ClientError) as error:
        raise Unreachable(
            f"{path}: expected Systems Manager to return the parameters below it, found: {error}. Sign in to the "
            "environment's account first, with permission to read SSM parameters"
        ) from error
    return Platform(path, values) if COMPLETE in values else None


@cache
def platform() -> Platform:
    """The active profile's platform, cached. Raises NoPlatform where it is missing or incomplete."""
    if (found := read_platform()) is None:
        environment = active_profile().environment
        raise NoPlatform(
            f"{active_profile().parameters}: expected the SSM parameters that Terraform writes, found none. "
            f"Apply it first: make tf-apply ENV={environment}"
        )
    return found
