"""What a flow needs before its first task: a profile, and offline a cloud to talk to."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from botocore.exceptions import ClientError, EndpointConnectionError
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

import offline_cloud
from config import settings
from config.errors import Unreachable, VishwaOpsError
from config.profile import Profile, active_profile
from tasks import clients
from tasks.progress import log

SEAM = "AWS_ENDPOINT_URL_SAGEMAKER"
"""Where this variable is set, somebody has chosen a SageMaker already."""

AT_THE_SAME_TIME = cast("TaskRunner[PrefectFuture[Any]]", ThreadPoolTaskRunner(max_workers=8))
"""Runs the tasks that wait for jobs: SageMaker does the work."""

_clouds: list[offline_cloud.Cloud] = []


def connect() -> Profile:
    """Point this process at the active profile's AWS and return the profile.

    Offline, a cloud that does not run yet is started; it ends with this process unless somebody detaches it. Raises
    Unreachable when the environment names a cloud that has stopped.
    """
    profile = active_profile()
    if profile.offline:
        if SEAM not in os.environ:
            cloud = offline_cloud.up(settings.CLOUD, settings.LOCALSTACK_ENV, announce=log.info)
            os.environ.update(cloud.environment)
            _clouds.append(cloud)
        _ensure_bucket(profile.bucket)
    return profile


@contextmanager
def cloud_that_stays() -> Iterator[None]:
    """Leave the cloud that `connect` starts within running, unless the body crashes or is interrupted."""
    try:
        yield
    except VishwaOpsError:
        _leave_running()
        raise
    _leave_running()


def _leave_running() -> None:
    for cloud in _clouds:
        cloud.detach()


def _ensure_bucket(name: str) -> None:
    try:
        clients.s3().head_bucket(Bucket=name)
    except EndpointConnectionError as error:
        raise Unreachable(
            f"{error} The offline cloud that {SEAM} names has stopped. Start it and point this shell at it again: "
            'vishwaops up && eval "$(vishwaops env)"'
        ) from error
    except ClientError:
        clients.s3().create_bucket(Bucket=name)
