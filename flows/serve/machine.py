"""The cloud, and the processes that run the deployments' runs. Import it when PREFECT_API_URL is set."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import offline_cloud
from config import settings
from config.profile import Profile, active_profile
from flows.serve.parts import POLL_SECONDS, Part, end, start
from flows.session.prefect_server import ADDRESS
from flows.session.runtime import SAGEMAKER_ENDPOINT_VARIABLE, connect
from tasks.progress import log

WORKER = "worker"
WORKER_ENVIRONMENT = {"PREFECT_WORKER_QUERY_SECONDS": "3"}
"""Prefect's worker asks for runs every 10 s, because its server may serve many workers."""
CLOUD_END_SECONDS = 3.0


@contextmanager
def cloud_beside() -> Iterator[Callable[[], None]]:
    """Start the cloud of the profile on a thread. Yields a function that waits until it is connected.

    A cloud that this starts ends at the end, unless another process uses it.
    """
    started: list[offline_cloud.Cloud] = []
    threads = ThreadPoolExecutor(1)
    done: Future[None] = threads.submit(_connect, started)
    threads.shutdown(wait=False)
    try:
        yield done.result
    finally:
        for cloud in started:
            _release(cloud)


def _connect(started: list[offline_cloud.Cloud]) -> None:
    if active_profile().offline and SAGEMAKER_ENDPOINT_VARIABLE not in os.environ:
        cloud = offline_cloud.up(settings.CLOUD, settings.LOCALSTACK_ENV, announce=log.info)
        started.append(cloud)
        os.environ.update(cloud.environment)
    connect()


def _release(cloud: offline_cloud.Cloud) -> None:
    cloud.release()
    deadline = time.monotonic() + CLOUD_END_SECONDS
    while cloud.started and offline_cloud.status(cloud.state_dir).running and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)


@contextmanager
def workers(pool: str, environment: Mapping[str, str]) -> Iterator[list[Part]]:
    """Yield the worker and, on AWS, the receiver of events. Their flow runs end before them."""
    given = {**WORKER_ENVIRONMENT, **environment, **_addresses()}
    parts = [start(name, *command, environment=given) for name, command in commands(pool, active_profile()).items()]
    try:
        yield parts
    finally:
        end(parts)


def commands(pool: str, profile: Profile) -> dict[str, tuple[str, ...]]:
    """Return the modules to run, with their arguments, by the name of the part."""
    worker = ("flows.session.flow_run_supervisor", "worker", "start", "--pool", pool, "--type", "process")
    events = ("flows.commands.entry_point", "events", "--profile", profile.name)
    return {WORKER: worker} if profile.offline else {WORKER: worker, "events receiver": events}


def _addresses() -> dict[str, str]:
    """The variables that this process has got since it began: the addresses of the server and of the cloud."""
    return {name: value for name, value in os.environ.items() if name == ADDRESS or name.startswith("AWS_")}
