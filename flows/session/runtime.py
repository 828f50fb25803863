"""Prepares a flow: reads the profile and connects to the cloud, which is started offline."""

import atexit
import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast

from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

import offline_cloud
from config import settings
from config.errors import VishwaOpsError
from config.profile import Profile, active_profile
from config.use_case import UseCase, load_use_case
from tasks import clients
from tasks.connection import explained
from tasks.platform import platform
from tasks.platform.seed import seed_platform, seed_use_case
from tasks.progress import log

SAGEMAKER_ENDPOINT_VARIABLE = "AWS_ENDPOINT_URL_SAGEMAKER"
"""If this variable is set, an endpoint is already configured."""

PARALLEL_TASKS = cast("TaskRunner[PrefectFuture[Any]]", ThreadPoolTaskRunner(max_workers=8))
"""Runs the tasks that wait for jobs, while SageMaker does the work."""

_clouds: list[offline_cloud.Cloud] = []


def connect() -> Profile:
    """Connect this process to the cloud of the active profile, and return the profile.

    Offline, the cloud is started unless it runs. It ends with this process unless it is detached. The platform's
    missing resources are seeded. Raises Unreachable when the configured cloud has stopped, and NoPlatform when the
    platform does not exist.
    """
    atexit.register(gc.freeze)  # as `flows.commands.entry_point`: a flow run that Prefect starts comes by here only
    profile = active_profile()
    if profile.offline:
        start_cloud()
        seed_platform()
    else:
        platform()
    return profile


def start_cloud() -> None:
    """Start the offline cloud unless it runs, and connect this process to it. Raises Unreachable."""
    if SAGEMAKER_ENDPOINT_VARIABLE not in os.environ:
        cloud = offline_cloud.up(settings.CLOUD, settings.LOCALSTACK_ENV, announce=log.info)
        os.environ.update(cloud.environment)
        _clouds.append(cloud)
    clients.s3().list_buckets()


def begin(use_case: str) -> UseCase:
    """Connect, ensure the use case's resources, and return it. Raises ConfigError, NoPlatform or Unreachable."""
    case = load_use_case(use_case)
    profile = connect()
    if profile.offline:
        seed_use_case(case.name)
    else:
        platform().role("job", case.name)
    return case


@contextmanager
def cloud_that_stays() -> Iterator[None]:
    """Keep the cloud that `connect` starts in the body running, unless the body crashes or is interrupted."""
    try:
        with explained():
            yield
    except VishwaOpsError:
        _leave_running()
        raise
    _leave_running()


def _leave_running() -> None:
    for cloud in _clouds:
        with suppress(offline_cloud.CloudNotRunningError):  # the error that stopped the flow reports it
            cloud.detach()
