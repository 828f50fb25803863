"""Amazon Resource Names of SageMaker resources."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Account:
    """The account, which can't be a real one, and the region of all resources."""

    number: str = "000000000000"
    region: str = "us-east-1"

    def arn(self, resource: str) -> str:
        """The ARN of `resource`, such as `training-job/Name`. SageMaker writes names in lower case there."""
        return f"arn:aws:sagemaker:{self.region}:{self.number}:{resource.lower()}"


def resource_of(arn_or_name: str) -> str:
    """`model-package/group/1` of a full ARN; a bare name as it is."""
    return arn_or_name.split(":", 5)[5] if arn_or_name.startswith("arn:") else arn_or_name


def name_of(arn_or_name: str) -> str:
    """The name (with its version, where it has one) in an ARN; a bare name as it is."""
    resource = resource_of(arn_or_name)
    return resource.split("/", 1)[1] if arn_or_name.startswith("arn:") else resource
