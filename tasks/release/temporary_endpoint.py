"""An endpoint beside the use case's own, for the test of a version. One run at a time has it.

It has one instance, or a serverless variant with nothing provisioned, and costs that for some minutes.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from config.profile import active_profile
from config.use_case import UseCase
from tasks import cancellation, clients, heartbeats, names
from tasks.platform import platform
from tasks.progress import log
from tasks.release import variants
from tasks.sagemaker import endpoints, hosted_models
from tasks.sagemaker.hosted_models import HostedModel
from tasks.sagemaker.resource_errors import is_missing
from tasks.sagemaker.tags import RUN, job_tags

ABANDONED_AFTER = timedelta(hours=1)
"""The age of a temporary endpoint without a run from which it is deleted."""


def temporary_name(use_case: UseCase) -> str:
    """The name of a use case's temporary endpoint."""
    return names.contract_endpoint(platform().endpoint(use_case.name))


@contextmanager
def temporary_endpoint(use_case: UseCase, version: int, hosted: HostedModel) -> Iterator[str]:
    """Serve a version while the body runs, and yield the endpoint's name. Waits while another run has the endpoint.

    Raises JobFailed when the endpoint does not become `InService`.
    """
    tags = {"use-case": use_case.name}
    name, config = temporary_name(use_case), variants.ensure_test_config(use_case, version, hosted, tags)
    try:
        while not _created(use_case, name, lambda: variants.ensure_test_config(use_case, version, hosted, tags)):
            pass
        yield name
    finally:
        cancellation.stop_quietly(f"endpoint {name}", lambda: _remove(name, config))


def _created(use_case: UseCase, name: str, ensured_config: Callable[[], str]) -> bool:
    """Wait until no other run has the endpoint, and create it. Returns False when another run is faster, or deletes the
    configuration after its test of the same version."""
    _wait_until_free(use_case, name)
    try:
        return endpoints.create_endpoint(name, ensured_config(), job_tags({"use-case": use_case.name}))
    except ClientError as error:
        if is_missing(error):
            return False
        raise


def _remove(name: str, config: str) -> None:
    found = endpoints.find_endpoint(name)
    if found and _owner(found) == heartbeats.current_run():
        endpoints.delete_endpoint(name)
    hosted_models.delete_config(config)


def remove_abandoned(use_case: UseCase) -> None:
    """Delete the temporary endpoint of a run that was killed: it costs money."""
    found = endpoints.find_endpoint(temporary_name(use_case))
    if found and _is_abandoned(use_case, found):
        log.warning("deploy    endpoint %s is deleted: the run that made it has ended", found["EndpointName"])
        endpoints.delete_endpoint(found["EndpointName"])


def _wait_until_free(use_case: UseCase, name: str) -> None:
    told = False
    while found := endpoints.find_endpoint(name):
        if _is_abandoned(use_case, found):
            endpoints.delete_endpoint(name)
            continue
        if not told:
            log.info("deploy    endpoint %s waits: another run tests a version", name)
        told = True
        cancellation.wait(active_profile().poll_seconds)


def _is_abandoned(use_case: UseCase, found: Mapping[str, Any]) -> bool:
    """Whether the run that has created the endpoint has ended."""
    run = _owner(found)
    if run is None:
        return bool(datetime.now(UTC) - found["CreationTime"] > ABANDONED_AFTER)
    return run == heartbeats.current_run() or heartbeats.life(heartbeats.find_heartbeat(use_case.name, run)) != "alive"


def _owner(found: Mapping[str, Any]) -> str | None:
    """The run that has created the endpoint; None for an endpoint without one, or one that is gone meanwhile."""
    try:
        tags = clients.sagemaker().list_tags(ResourceArn=found["EndpointArn"])["Tags"]
    except ClientError as error:
        if is_missing(error):
            return None
        raise
    return next((tag["Value"] for tag in tags if tag["Key"] == RUN), None)
