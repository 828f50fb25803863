"""The one place that makes AWS clients. Offline and AWS differ by the endpoint variables in the environment only."""

from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

import boto3
from botocore.config import Config

from config.profile import active_profile

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient

_making = Lock()


@cache
def session() -> boto3.Session:
    """The session of the active profile's region."""
    return boto3.Session(region_name=active_profile().region)


def s3() -> "S3Client":
    """A client of S3."""
    return _client("s3")  # type: ignore[no-any-return]


def sagemaker() -> "SageMakerClient":
    """A client of SageMaker's control plane."""
    return _client("sagemaker")  # type: ignore[no-any-return]


def sagemaker_runtime() -> "SageMakerRuntimeClient":
    """A client of SageMaker's endpoints."""
    return _client("sagemaker-runtime")  # type: ignore[no-any-return]


def _client(service: str) -> Any:
    with _making:  # sessions are not thread-safe, clients are
        return _make(service)


@cache
def _make(service: str) -> Any:
    profile = active_profile()
    style: Literal["path", "auto"] = "path" if profile.offline else "auto"
    config = Config(retries={"mode": "standard", "max_attempts": profile.max_attempts}, s3={"addressing_style": style})
    return session().client(service, config=config)  # type: ignore[call-overload]
