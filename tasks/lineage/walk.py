"""The lineage of a prediction, of a registered version and of a run."""

from collections.abc import Mapping
from typing import Any

from config.errors import MissingInput
from config.use_case import UseCase
from tasks import locations, run_records
from tasks.lineage.link import Link
from tasks.lineage.predictions import PredictionId, prediction_link, read_manifest
from tasks.lineage.rows import dataset_link, split_link
from tasks.lineage.versions import version_link
from tasks.references import DatasetVersion, DataSplit, Reference, Release, StageRecord
from tasks.sagemaker import registry


def of_prediction(use_case: UseCase, wanted: PredictionId, verify: bool) -> Link:
    """Return the lineage of a prediction. Raises MissingInput when it is unknown."""
    manifest = read_manifest(wanted)
    version = of_arn(use_case, manifest["model_package_arn"], verify)
    return prediction_link(use_case, wanted, manifest, version, verify)


def of_arn(use_case: UseCase, arn: str, verify: bool) -> Link:
    """Return the lineage of the version with this ARN, which may have been deleted."""
    package = registry.find_package(arn)
    if package is None:
        return Link("model version", arn, "missing", "the model registry does not have it")
    return of_version(use_case, package, verify)


def of_version(use_case: UseCase, package: Mapping[str, Any], verify: bool) -> Link:
    """Return the lineage of a version. The package is as SageMaker describes it."""
    return version_link(use_case, package, verify)


def of_run(use_case: UseCase, run: str, verify: bool) -> Link:
    """Return the lineage of a run's last output. Raises MissingInput when there is no such run."""
    started = run_records.read_run(use_case.name, run)
    records = _records(use_case, run)
    detail = f"{started.flow}, {started.started:%Y-%m-%d %H:%M} UTC, code {started.code}"
    source = next(filter(None, (_of(use_case, each.reference, verify) for each in records)), None)
    found = source or Link("output", run, "missing", "the run has completed no stage")
    return Link("run", run, detail=detail, sources=(found,))


def _records(use_case: UseCase, run: str) -> list[StageRecord]:
    """The records of a run and those that they are computed from, the last stage first."""
    own = [name for name in run_records.runs(use_case.name).get(run, []) if name not in ("run", "heartbeat")]
    mine = run_records.records_of(use_case.name, run, own)
    last = max(mine, key=lambda record: len(record.upstream), default=None)
    if last is None:
        return []
    try:
        return [last, *(run_records.read(uri) for uri in reversed(last.upstream.values()))]
    except FileNotFoundError as error:
        raise MissingInput(
            f"{locations.run(use_case.name, run)}: expected the records of its inputs: {error}"
        ) from error


def _of(use_case: UseCase, reference: Reference, verify: bool) -> Link | None:
    """The lineage of what a stage has left; None for a stage without one of its own."""
    if isinstance(reference, Release):
        return of_arn(use_case, reference.model_package_arn, verify)
    if isinstance(reference, DataSplit):
        return split_link(use_case, locations.split(use_case.name, reference.digest), reference.digest, verify)
    if isinstance(reference, DatasetVersion):
        return dataset_link(use_case, reference.digest, verify)
    return None
