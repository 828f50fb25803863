"""Creates all AWS clients. Offline and AWS differ only by the endpoint variables in the environment."""

import os
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

import boto3
import botocore.session
from botocore.config import Config

from config.profile import active_profile
from tasks.connection import explain_cut_answer, explain_full_disk, explain_lost_answer, resend_unsent
from tasks.refusals import explain_missing_credentials, explain_refusal, note_resource

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient
    from mypy_boto3_ssm import SSMClient

_making = Lock()
_ANSWER_OF_A_MODEL = 70
"""Seconds to wait for InvokeEndpoint. The container has 60 s (SageMaker's API reference); AWS advises 10 s more."""


@cache
def session() -> boto3.Session:
    """Return a session with the active profile's region and timeout.

    Its clients raise Unreachable, StorageFull, AccessDenied, BadCredentials, QuotaExceeded and Unavailable, and
    botocore's ClientError for every other error.
    """
    core = botocore.session.get_session()
    core.set_default_client_config(Config(read_timeout=active_profile().read_timeout_in_seconds))
    made = boto3.Session(botocore_session=core, region_name=active_profile().region)
    made.events.register("before-parameter-build", note_resource)
    made.events.register("after-call-error", explain_lost_answer)
    made.events.register("after-call-error", explain_missing_credentials)
    made.events.register("after-call", explain_cut_answer)
    made.events.register("after-call", explain_full_disk)
    made.events.register("after-call", explain_refusal)
    # Without these, the SageMaker SDK retries its own clients' calls ten times, for a minute and more.
    os.environ.setdefault("AWS_RETRY_MODE", "standard")
    os.environ.setdefault("AWS_MAX_ATTEMPTS", str(active_profile().max_attempts))
    return made


def s3() -> "S3Client":
    """A client of S3."""
    return client("s3")  # type: ignore[no-any-return]


def sagemaker() -> "SageMakerClient":
    """A client of SageMaker's control plane."""
    return client("sagemaker")  # type: ignore[no-any-return]


def sagemaker_runtime() -> "SageMakerRuntimeClient":
    """A client of SageMaker's endpoints."""
    return client("sagemaker-runtime")  # type: ignore[no-any-return]


def feature_store() -> Any:
    """A client of the Feature Store's records."""
    return client("sagemaker-featurestore-runtime")


def ssm() -> "SSMClient":
    """A client of Systems Manager's parameters."""
    return client("ssm")  # type: ignore[no-any-return]


def cloudwatch() -> "CloudWatchClient":
    """A client of CloudWatch's metrics."""
    return client("cloudwatch")  # type: ignore[no-any-return]


def logs() -> "CloudWatchLogsClient":
    """A client of CloudWatch Logs."""
    return client("logs")  # type: ignore[no-any-return]


def client(service: str) -> Any:
    """A client of any service, by its name in boto3."""
    with _making:  # sessions are not thread-safe, clients are
        return _make(service)


@cache
def _make(service: str) -> Any:
    profile = active_profile()
    style: Literal["path", "auto"] = "path" if profile.offline else "auto"
    config = Config(retries={"mode": "standard", "max_attempts": profile.max_attempts}, s3={"addressing_style": style})
    if service != "sagemaker-runtime":
        return session().client(service, config=config)  # type: ignore[call-overload]
    once = Config(read_timeout=_ANSWER_OF_A_MODEL, retries={"mode": "standard", "total_max_attempts": 1})
    made = session().client("sagemaker-runtime", config=config.merge(once))
    made.meta.events.register("needs-retry", resend_unsent)  # type: ignore[arg-type]
    return made
