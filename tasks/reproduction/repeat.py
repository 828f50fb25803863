"""Reproduces a registered version: checks its record, runs its jobs again, compares, and writes to the audit log."""

import re
from collections.abc import Mapping
from typing import Any

from config.use_case import UseCase
from tasks import audit, storage
from tasks.progress import log
from tasks.reproduction import comparison
from tasks.reproduction.comparison import Files, Reproduction
from tasks.reproduction.jobs import evaluate_again, train_again
from tasks.reproduction.parts import require_parts
from tasks.reproduction.record import SELECTED, Record, channels_of, read_record
from tasks.sagemaker.job_kinds import PROCESSING, TRAINING
from tasks.sagemaker.job_logs import find_line
from tasks.sagemaker.training_metrics import metrics_of
from tasks.signing.archive import digests_of
from tasks.signing.models import find_signature

STATEMENT = re.compile("Reproducible with|Not reproducible: ")
"""The beginnings of the line of `sagemaker_scripts/tabular/reproducibility.py` in a training job's log."""


def reproduce(use_case: UseCase, package: Mapping[str, Any]) -> Reproduction:
    """Train and evaluate a registered version again from its record, and compare. Nothing is registered or deployed.

    `package` is as SageMaker describes it. Raises MissingInput, before a job starts, when a part of the record is
    missing or was changed, and the errors of the jobs.
    """
    record = read_record(use_case, package)
    require_parts(record)
    log.info("reproduce version %d: %d training job(s) and its evaluation again", record.version, len(record.training))
    trained = train_again(use_case, record)
    model = trained[-1]["ModelArtifacts"]["S3ModelArtifacts"]
    evaluation, evaluation_uri = evaluate_again(use_case, record, model)
    held_out = [storage.get_json(uri)["metrics"] for uri in (record.evaluation_uri, evaluation_uri)]
    result = Reproduction(
        model_package_arn=record.arn,
        jobs=(*map(TRAINING.arn, trained), PROCESSING.arn(evaluation)),
        figures=(
            *(figure for pair in zip(record.training, trained, strict=True) for figure in _of_jobs(*pair)),
            *comparison.figures("test:", *held_out),
        ),
        files=_files(record, trained, model),
    )
    _append(use_case, record, result)
    return result


def _of_jobs(recorded: dict[str, Any], again: dict[str, Any]) -> list[comparison.Figure]:
    """The metrics that a training job reported."""
    names = [each["Name"] for each in recorded["AlgorithmSpecification"].get("MetricDefinitions", [])]
    step = "refit " if SELECTED in channels_of(recorded) else ""
    return list(comparison.figures(step, metrics_of(recorded, names, ()), metrics_of(again, names, ())))


def _files(record: Record, trained: tuple[dict[str, Any], ...], model: str) -> Files:
    recorded, again = _recorded_files(record), _archive_files(model)
    stated = [find_line(TRAINING, TRAINING.name(job), STATEMENT) or "" for job in record.training]
    weakest = min(stated, key=lambda line: line.startswith("Reproducible"))
    return Files(len(again), comparison.different_files(recorded, again), weakest)


def _recorded_files(record: Record) -> dict[str, str]:
    """The digests of the signed files; of a version without a signature, those of the files in its archive."""
    signature = find_signature(record.model_uri)
    return dict(signature.files) if signature else _archive_files(record.model_uri)


def _archive_files(model_uri: str) -> dict[str, str]:
    with storage.opened(model_uri) as archive:
        return digests_of(model_uri, archive)


def _append(use_case: UseCase, record: Record, result: Reproduction) -> None:
    facts = {
        "model_package_arn": record.arn,
        "split_digest": record.facts["split_digest"],
        "result": result.verdict,
        "jobs": " ".join(result.jobs),
    }
    audit.append(use_case, "reproduce", facts)
