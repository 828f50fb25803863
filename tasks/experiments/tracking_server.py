"""The tracking server of SageMaker managed MLflow: whether it runs, and its version. MLflow is not imported here."""

import os
from collections.abc import Mapping
from typing import Any

from config.mlflow_versions import CLIENT, SERVERS
from config.profile import active_profile
from tasks import clients
from tasks.platform import platform
from tasks.progress import log

OVERRIDE = "MLFLOW_TRACKING_URI"
"""MLflow's own variable. It takes precedence over the environment's tracking server."""


def why_untracked() -> str | None:
    """Return why this profile's experiments are not tracked and what to do, or None when they are.

    An environment may have no tracking server, one that is stopped outside its hours, or one that was deleted.
    """
    if not _is_managed():
        return None
    environment = active_profile().environment
    if platform().tracking_server is None:
        return (
            f"environment {environment} has no MLflow tracking server. Set mlflow in "
            f"terraform/environments/{environment}/platform.tfvars and apply it, or set {OVERRIDE}"
        )
    if (server := _describe()) is None:
        return (
            f"tracking server {platform().tracking_server} does not exist any more. Apply Terraform, which creates it "
            f"again, without its runs: make tf-apply ENV={environment}"
        )
    return why_stopped(server)


def report() -> None:
    """Warn when experiments are not tracked, or when the tracking server's version is not one of SERVERS."""
    if not _is_managed():
        return
    if reason := why_untracked():
        log.warning(
            "mlflow    experiments are not tracked: %s. The run's records, page and model package have the figures",
            reason,
        )
    elif (server := _describe()) and (mismatch := version_mismatch(server)):
        log.warning("mlflow    %s", mismatch)


def why_stopped(server: Mapping[str, Any]) -> str | None:
    """Return what to do when a described tracking server does not run, or None when it does."""
    if server["IsActive"] == "Active":
        return None
    name = server["TrackingServerName"]
    return (
        f"tracking server {name} is {server['TrackingServerStatus']}, not running. Start it: "
        f"aws sagemaker start-mlflow-tracking-server --tracking-server-name {name}"
    )


def version_mismatch(server: Mapping[str, Any]) -> str | None:
    """Return what to do when a described tracking server has a version other than SERVERS, or None."""
    name, found = server["TrackingServerName"], server["MlflowVersion"]
    if ".".join(found.split(".")[:2]) in SERVERS:
        return None
    return (
        f"tracking server {name}: expected version {' or '.join(SERVERS)} for the client {CLIENT}, found {found}. "
        "SageMaker upgrades no tracking server: set mlflow_server in config/profiles/aws.yaml, and "
        f"make tf-apply ENV={active_profile().environment} creates another one, without the runs of this one"
    )


def _is_managed() -> bool:
    return active_profile().experiments == "tracking_server" and OVERRIDE not in os.environ


def _describe() -> Mapping[str, Any] | None:
    """Describe the environment's tracking server; None for one that was deleted after Terraform's apply."""
    sagemaker, name = clients.sagemaker(), str(platform().tracking_server).rsplit("/", 1)[-1]
    try:
        return sagemaker.describe_mlflow_tracking_server(TrackingServerName=name)
    except sagemaker.exceptions.ResourceNotFound:
        return None
