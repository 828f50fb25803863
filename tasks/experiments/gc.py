"""Deletes old runs of a use case's experiment with their artefacts, by MLflow's API. The registry's versions stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from config.errors import NoPlatform
from config.use_case import UseCase
from tasks.experiments import tracking
from tasks.experiments.runs import PARENT, Runs
from tasks.experiments.tracking_server import why_untracked
from tasks.platform import platform
from tasks.progress import log
from tasks.sagemaker import registry

EVERY = 1_000_000
"""More versions than a group has."""
KEPT_RUNS = 20
"""The number of newest runs that stay."""
RUN_AGAIN = "Run the command again when it answers"


@dataclass(frozen=True)
class OldRun:
    """A run that no registered version has, and that is not among the newest."""

    run_id: str
    name: str
    started: int
    """Milliseconds since 1970."""
    experiment: str
    artefacts: str


def find_old_runs(use_case: UseCase, keep: int = KEPT_RUNS) -> list[OldRun]:
    """Return what can be deleted, newest first: the runs besides the newest `keep` and those of registered versions.

    Nested runs belong to their parents. Raises NoPlatform when experiments are not tracked, and Unreachable.
    """
    if reason := why_untracked():
        raise NoPlatform(f"MLflow: {reason}")
    registered = _registered(use_case)
    with tracking.explained("list the runs", RUN_AGAIN):
        client = tracking.connect()
        found = client.get_experiment_by_name(use_case.name)
        runs = _parents(client, found.experiment_id) if found else []
    return [_described(run) for run in runs[keep:] if run.info.run_id not in registered]


def _registered(use_case: UseCase) -> set[str]:
    """The runs of all versions in SageMaker's registry."""
    group = platform().model_package_group(use_case.name)
    arns = (found["ModelPackageArn"] for found in registry.newest_packages(group, limit=EVERY))
    return {registry.facts_of(registry.describe_package(arn)).get("mlflow_run_id", "") for arn in arns}


def _parents(client: Any, experiment: str) -> list[Any]:
    found, token = list[Any](), None
    while True:
        page = client.search_runs([experiment], order_by=["attributes.start_time DESC"], page_token=token)
        found += [run for run in page if PARENT not in run.data.tags]
        if not (token := page.token):
            return found


def _described(run: Any) -> OldRun:
    info = run.info
    return OldRun(info.run_id, info.run_name, info.start_time, info.experiment_id, info.artifact_uri)


def delete(runs: Sequence[OldRun]) -> None:
    """Delete the artefacts of runs, and then the runs with those nested in them. Safe to repeat.

    MLflow only marks a run as deleted: it can be restored, without its artefacts. Raises Unreachable and StorageFull.
    """
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    with tracking.explained("delete the runs", RUN_AGAIN):
        client = tracking.connect()
        for run in runs:
            artefacts: Any = get_artifact_repository(run.artefacts, tracking_uri=tracking.tracking_uri())
            artefacts.delete_artifacts()
            Runs(client, run.experiment, {PARENT: run.run_id}).delete_all()
            client.delete_run(run.run_id)
            log.info("mlflow    run %s (%s) is deleted", run.name, run.run_id)
