"""Points of a lifecycle at which it can be hit, recognised from outside: by S3, SageMaker and MLflow's database."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3

from config.use_case import UseCase
from flows.stages import NAMES
from tasks import locations, names, run_records, storage
from tasks.experiments import tracking
from tasks.platform import platform
from tasks.release.temporary_endpoint import temporary_name
from tests.sagemaker_local.support import everything

REGION = "us-east-1"


@dataclass(frozen=True)
class Point:
    """A point in a run: what a table calls it, the stage that is hit there, and how it is recognised."""

    title: str
    stage: str
    reached: Callable[[UseCase], bool]


def in_stage(stage: str) -> Point:
    """The first moment of a stage: the run's record of the stage before it is there."""
    before = NAMES[NAMES.index(stage) - 1] if stage != NAMES[0] else run_records.RUN.removesuffix(".json")
    return Point(f"{stage} begins", stage, lambda case: _has_ended(case, before))


def _has_ended(case: UseCase, name: str) -> bool:
    runs = run_records.runs(case.name)
    return bool(runs) and name in runs[max(runs)]


def _training_jobs_run(case: UseCase) -> bool:
    return len(jobs(case, "training", "InProgress")) == len(case.candidates)


def _refit_runs(case: UseCase) -> bool:
    prefixes = tuple(names.refit_jobs(case, candidate.name) for candidate in case.candidates)
    return any(name.startswith(prefixes) for name in jobs(case, "training", "InProgress"))


def _evaluation_runs(case: UseCase) -> bool:
    return bool(jobs(case, "processing", "InProgress"))


def _mlflow_logs(case: UseCase) -> bool:
    return any(status == "RUNNING" for _, status, _ in mlflow_runs(case))


def _comes_up(case: UseCase, name: str) -> bool:
    found = everything(boto3.client("sagemaker", REGION), "list_endpoints", NameContains=case.slug)
    return name in [each["EndpointName"] for each in found if each["EndpointStatus"] in ("Creating", "Updating")]


def _contract_test_begins(case: UseCase) -> bool:
    return _comes_up(case, temporary_name(case))


def _endpoint_comes_up(case: UseCase) -> bool:
    return _comes_up(case, platform().endpoint(case.name))


POINTS = (
    *(in_stage(stage) for stage in NAMES),
    Point("training jobs run", "train", _training_jobs_run),
    Point("the refit runs", "train", _refit_runs),
    Point("the evaluation job runs", "evaluate", _evaluation_runs),
    Point("MLflow logs", "register", _mlflow_logs),
    Point("the contract test begins", "deploy", _contract_test_begins),
    Point("the endpoint comes up", "deploy", _endpoint_comes_up),
)


def jobs(case: UseCase, kind: str, status: str | None = None) -> list[str]:
    """The names of a use case's training or processing jobs."""
    client = boto3.client("sagemaker", REGION)
    wanted = {"StatusEquals": status} if status else {}
    found = getattr(client, f"list_{kind}_jobs")(NameContains=case.slug, MaxResults=100, **wanted)
    return [job[f"{kind.title()}JobName"] for job in found[f"{kind.title()}JobSummaries"]]


def versions(case: UseCase) -> list[str]:
    """The ARNs of a use case's model packages."""
    group = platform().model_package_group(case.name)
    found = everything(boto3.client("sagemaker", REGION), "list_model_packages", ModelPackageGroupName=group)
    return [package["ModelPackageArn"] for package in found]


def mlflow_runs(case: UseCase) -> list[tuple[str, str, str | None]]:
    """Id, status and parent of each MLflow run of a use case, straight from the database, which has no lock then."""
    database = tracking.folder() / "mlflow.db"
    if not database.exists():
        return []
    query = """
        select runs.run_uuid, runs.status, tags.value from runs
        join experiments on experiments.experiment_id = runs.experiment_id
        left join tags on tags.run_uuid = runs.run_uuid and tags.key = 'mlflow.parentRunId'
        where experiments.name = ? and runs.lifecycle_stage = 'active'"""
    try:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            return list(connection.execute(query, (case.name,)))
    except sqlite3.OperationalError:  # it is being made
        return []


def serving(case: UseCase) -> Any:
    """The configuration that the endpoint serves."""
    name = platform().endpoint(case.name)
    return boto3.client("sagemaker", REGION).describe_endpoint(EndpointName=name)["EndpointConfigName"]


def ran_in_last_run(case: UseCase) -> dict[str, tuple[str, ...]]:
    """The cached steps that ran in each stage of the last run, by stage."""
    run = max(run_records.runs(case.name))
    return {record.stage: record.ran for record in run_records.records_of(case.name, run, NAMES)}


def half_written(case: UseCase) -> list[str]:
    """Versions that lack their manifest, and that no later run has made whole."""
    found = []
    for kind in ("validated", "splits"):
        folder = f"{locations.root(case.name)}/{kind}"
        whole = set(storage.versions(folder))
        found += [f"{kind}/{name}" for name in _folders(folder) - whole]
    return found


def _folders(folder: str) -> set[str]:
    bucket, prefix = storage.address(f"{folder}/")
    found = boto3.client("s3", REGION).list_objects_v2(Bucket=bucket, Prefix=prefix, Delimiter="/")
    return {part["Prefix"][len(prefix) : -1] for part in found.get("CommonPrefixes", [])}
