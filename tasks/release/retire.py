"""Removes what serves a use case: the endpoint, its configurations and models. Registry, data and audit log stay."""

from datetime import timedelta

from config.errors import GateError
from config.use_case import UseCase
from tasks import audit
from tasks.platform import platform
from tasks.progress import log
from tasks.release import outcome
from tasks.release.temporary_endpoint import temporary_name
from tasks.sagemaker import endpoints, hosted_models


def what_serves(use_case: UseCase) -> list[str]:
    """Return what `retire` removes, each as text. Raises GateError while a deployment is in progress."""
    found = [f"endpoint {name}" for name in _endpoints(use_case)]
    return [*found, *(f"model {name}" for name in hosted_models.listed(use_case))]


def retire(use_case: UseCase) -> list[str]:
    """Remove what serves a use case, and return what was removed; empty when nothing serves it.

    Raises GateError while a deployment is in progress. Nothing has changed then.
    """
    names = _endpoints(use_case)
    removed = [f"endpoint {name}" for name in names if endpoints.delete_endpoint(name)]
    removed += [f"model {name}" for name in hosted_models.delete_unused(use_case, (), timedelta(0))]
    if removed:
        outcome.save(use_case.name, None, "retired")
        audit.append(use_case, "retire", {"removed": ", ".join(removed)})
        log.info("retire    removed %s", ", ".join(removed))
    return removed


def _endpoints(use_case: UseCase) -> list[str]:
    names = []
    for name in (platform().endpoint(use_case.name), temporary_name(use_case)):
        found = endpoints.find_endpoint(name)
        if found and found["EndpointStatus"] in endpoints.TRANSIENT:
            raise GateError(
                f"endpoint {name}: expected no deployment in progress, found {found['EndpointStatus']}. Wait until it "
                "has ended (vishwaops release status), and run the command again"
            )
        if found:
            names.append(name)
    return names
