"""The four kinds of SageMaker jobs, and the calls that they share: describe, stop, list and tags."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from config.errors import JobFailed
from tasks import clients
from tasks.sagemaker.resource_errors import has_ended, is_missing

RUNNING = ("InProgress", "Stopping")


@dataclass(frozen=True)
class JobKind:
    """A kind of job: `title` is its name in messages, `member` its name in the API."""

    title: str
    member: str
    log_group: str
    """The CloudWatch log group of its containers."""

    def find(self, name: str) -> dict[str, Any] | None:
        """Describe a job; None for an unknown name. Raises JobFailed when SageMaker refuses the call."""
        try:
            return self._call("describe", name)
        except ClientError as error:
            if is_missing(error):
                return None
            raise self._refused("describe", name, error) from error

    def stop(self, name: str) -> None:
        """Stop a job unless it has ended or does not exist. Raises JobFailed when SageMaker refuses the call."""
        try:
            self._call("stop", name)
        except ClientError as error:
            if not (is_missing(error) or has_ended(error) or self._has_ended(name)):
                raise self._refused("stop", name, error) from error

    def status(self, job: dict[str, Any]) -> str:
        """The status in a job's description or summary."""
        return str(job[f"{self.member}Status"])

    def arn(self, job: dict[str, Any]) -> str:
        """The ARN in a job's description or summary."""
        return str(job[f"{self.member}Arn"])

    def name(self, job: dict[str, Any]) -> str:
        """The name in a job's description or summary."""
        return str(job[f"{self.member}Name"])

    def in_progress(self, name_contains: str = "") -> Iterator[dict[str, Any]]:
        """Yield the summaries of the jobs in progress, newest first."""
        pages = clients.sagemaker().get_paginator(f"list_{self._method}s")  # type: ignore[call-overload]
        wanted = {"NameContains": name_contains} if name_contains else {}
        for page in pages.paginate(
            StatusEquals="InProgress", SortBy="CreationTime", SortOrder="Descending", MaxResults=100, **wanted
        ):
            yield from page[f"{self.member}Summaries"]

    def _has_ended(self, name: str) -> bool:
        job = self.find(name)
        return job is None or self.status(job) != "InProgress"

    def _call(self, verb: str, name: str) -> dict[str, Any]:
        action = getattr(clients.sagemaker(), f"{verb}_{self._method}")
        return dict(action(**{f"{self.member}Name": name}))

    def _refused(self, verb: str, name: str, error: ClientError) -> JobFailed:
        found = error.response["Error"]["Message"]
        return JobFailed(f"{self.title} {name}: expected SageMaker to {verb} it, found: {found}. Run again")

    @property
    def _method(self) -> str:
        return str(xform_name(self.member))


TRAINING = JobKind("training job", "TrainingJob", "/aws/sagemaker/TrainingJobs")
PROCESSING = JobKind("processing job", "ProcessingJob", "/aws/sagemaker/ProcessingJobs")
TRANSFORM = JobKind("transform job", "TransformJob", "/aws/sagemaker/TransformJobs")
TUNING = JobKind("tuning job", "HyperParameterTuningJob", TRAINING.log_group)
KINDS = (TRAINING, PROCESSING, TRANSFORM, TUNING)


def tags_of(arn: str) -> dict[str, str]:
    """The tags of a resource."""
    pages = clients.sagemaker().get_paginator("list_tags").paginate(ResourceArn=arn)
    return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}


def add_tags(arn: str, tags: dict[str, str]) -> None:
    """Add tags to a resource, or replace their values."""
    clients.sagemaker().add_tags(ResourceArn=arn, Tags=[{"Key": key, "Value": value} for key, value in tags.items()])
