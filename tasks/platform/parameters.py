"""The names and ARNs of Terraform's resources, each read from its SSM parameter once per process.

terraform/platform/outputs.tf writes the parameters. They are the only definition of these names.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from botocore.exceptions import BotoCoreError, ClientError

from config.errors import NoPlatform, Unreachable
from config.images import is_own
from config.profile import active_profile
from tasks import clients

COMPLETE = "use_cases"
"""The parameter with the names of the use cases. It is written last, so it shows that the platform is complete."""

Purpose = Literal["data", "artefacts", "monitoring"]
Kind = Literal["job", "endpoint", "features"]


@dataclass(frozen=True)
class Network:
    """The network of jobs and endpoints."""

    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]


class Parameters(Mapping[str, str]):
    """The parameters below a path, by name. Each is read when it is first used; an iteration has those that were read.

    They are not listed: a flow's role may read the shared ones and those of its use case, and Systems Manager checks
    GetParametersByPath against the path only (Systems Manager User Guide, "How Parameter Store authorizes parameter
    retrieval").
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._read: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        if (found := self._find(name)) is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._read)

    def __len__(self) -> int:
        return len(self._read)

    def _find(self, name: str) -> str | None:
        if name not in self._read:
            found = _parameter(f"{self._path}/{name}")
            if found is None:
                return None  # not stored: a seed may write it later
            self._read[name] = found
        return self._read[name]


def _parameter(name: str) -> str | None:
    ssm = clients.ssm()
    try:
        return ssm.get_parameter(Name=name)["Parameter"]["Value"]
    except ssm.exceptions.ParameterNotFound:
        return None
    except (BotoCoreError, ClientError) as error:
        raise Unreachable(
            f"{name}: expected Systems Manager to return the parameter, found: {error}. Sign in to the environment's "
            "account first, with permission ssm:GetParameter on it"
        ) from error


@dataclass(frozen=True)
class Platform:
    """The environment's names and ARNs. Each raises NoPlatform when its parameter is missing."""

    path: str
    values: Mapping[str, str]

    def bucket(self, purpose: Purpose) -> str:
        """The bucket of data, artefacts or monitoring results."""
        return self._value(f"bucket/{purpose}")

    @property
    def database(self) -> str:
        """The Glue database of the datasets' tables."""
        return self._value("glue/database")

    @property
    def data_key(self) -> str:
        """The KMS key of the three buckets and of the jobs' volumes."""
        return self._value("key/data")

    @property
    def signing_key(self) -> str:
        """The asymmetric KMS key that signs models and the audit log's checkpoints."""
        return self._value("key/signing")

    def image(self, name: str) -> str:
        """The URI of an image, by repository and tag: of AWS's in the region's registry, or our own in the account."""
        if is_own(name):
            return f"{self._value('image/model')}:{name.partition(':')[2]}"
        return f"{self._value('image/registry')}/{name}"

    def spark_image(self, name: str) -> str:
        """The URI of an image of AWS's for Spark, which has another registry than the other images."""
        return f"{self._value('image/spark_registry')}/{name}"

    @property
    def tags(self) -> dict[str, str]:
        """The tags of Terraform's resources; none on a platform that an earlier version has applied."""
        return dict(json.loads(self.values.get("tags", "{}")))

    @property
    def network(self) -> Network | None:
        """The private subnets and the security groups of the VPC; None for an environment without a VPC."""
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
        """The name of the production variant."""
        return self._value("serving/variant")

    @property
    def tracking_server(self) -> str | None:
        """The ARN of SageMaker managed MLflow, which is its tracking URI; None for an environment without it."""
        return self.values.get("mlflow/tracking_server")

    @property
    def events_queue(self) -> str:
        """The URL of the SQS queue of drift alarms and failed jobs."""
        return self._value("events/queue")

    @property
    def alerts_topic(self) -> str:
        """The ARN of the SNS topic whose subscribers get mail."""
        return self._value("alerts/topic")

    @property
    def use_cases(self) -> tuple[str, ...]:
        """The use cases that the environment has."""
        return tuple(self._value(COMPLETE).split(","))

    def knows(self, use_case: str) -> bool:
        """Whether the roles, the model package group and the alarms of this use case exist."""
        return f"role/job/{use_case}" in self.values

    def role(self, kind: Kind, use_case: str) -> str:
        """The ARN of the IAM role of a use case's jobs, endpoint or feature groups."""
        return self._value(f"role/{kind}/{use_case}")

    def model_package_group(self, use_case: str) -> str:
        """The model package group of a use case."""
        return self._value(f"model_package_group/{use_case}")

    def endpoint(self, use_case: str) -> str:
        """The name of a use case's endpoint."""
        return self._value(f"endpoint/{use_case}")

    def guardrail_alarms(self, use_case: str) -> list[str]:
        """The alarms that roll a deployment back; none for a blank parameter."""
        return [name for part in self._value(f"guardrail_alarms/{use_case}").split(",") if (name := part.strip())]

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
    """Return the platform of the active profile's environment, or None when it is missing or incomplete.

    Raises Unreachable when Systems Manager does not answer or refuses, AccessDenied and BadCredentials.
    """
    found = Platform(active_profile().parameters, Parameters(active_profile().parameters))
    return found if COMPLETE in found.values else None


@cache
def platform() -> Platform:
    """Return the active profile's platform, cached. Raises NoPlatform when it is missing or incomplete."""
    if (found := read_platform()) is None:
        environment = active_profile().environment
        raise NoPlatform(
            f"{active_profile().parameters}: expected the SSM parameters that Terraform writes, found none. "
            f"Apply it first: make tf-apply ENV={environment}"
        )
    return found
