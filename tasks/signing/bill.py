"""The bill of materials of a registered model, CycloneDX 1.6 with a model card: model.cdx.json beside its archive.

It has no time and no random number, so that a repeated run writes the same bytes.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from config import settings
from config.images import is_own
from config.profile import active_profile
from config.use_case import UseCase
from tasks import storage
from tasks.references import DataSplit, ModelEvaluation
from tasks.signing.models import beside

BILL = "model.cdx.json"
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s\\;]+)", re.MULTILINE)
"""A package and its version in a lock."""
ROWS = "training-rows"
"""The reference to the training data within a bill."""


def store(
    use_case: UseCase, split: DataSplit, evaluation: ModelEvaluation, archive: str, files: Mapping[str, str]
) -> str:
    """Store the bill of an evaluated model, and return its SHA-256. `archive` is that of its model.tar.gz."""
    content = json.dumps(bill(use_case, split, evaluation, archive, files), indent=1).encode()
    storage.put(beside(evaluation.model.model_uri, BILL), content, "application/json")
    return hashlib.sha256(content).hexdigest()


def bill(
    use_case: UseCase, split: DataSplit, evaluation: ModelEvaluation, archive: str, files: Mapping[str, str]
) -> dict[str, Any]:
    """Return the bill: the model with its files, its training data, its figures, and the packages that serve it."""
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{UUID(bytes=bytes.fromhex(archive)[:16], version=4)}",
        "version": 1,
        "metadata": {"component": _model(use_case, evaluation, archive, files)},
        "components": [_data(use_case, split), *_packages(active_profile().image)],
    }


def _model(use_case: UseCase, evaluation: ModelEvaluation, archive: str, files: Mapping[str, str]) -> dict[str, Any]:
    return {
        "type": "machine-learning-model",
        "bom-ref": "model",
        "name": use_case.name,
        "version": evaluation.model.job_name,
        "description": use_case.question,
        "hashes": _hashes(archive),
        "modelCard": _card(use_case, evaluation),
        "components": [{"type": "file", "name": name, "hashes": _hashes(digest)} for name, digest in files.items()],
        "properties": [
            {"name": "vishwaops:training_job_arn", "value": evaluation.model.job_arn},
            {"name": "vishwaops:evaluation_job_arn", "value": evaluation.job_arn},
        ],
    }


def _card(use_case: UseCase, evaluation: ModelEvaluation) -> dict[str, Any]:
    figures = sorted(evaluation.metrics.items())
    return {
        "modelParameters": {
            "approach": {"type": "supervised"},
            "task": use_case.target.task,
            "architectureFamily": evaluation.model.algorithm,
            "modelArchitecture": evaluation.model.candidate,
            "datasets": [{"ref": ROWS}],
        },
        "quantitativeAnalysis": {
            "performanceMetrics": [
                {"type": name, "value": repr(value), "slice": f"{evaluation.rows} held-out rows"}
                for name, value in figures
            ]
        },
    }


def _data(use_case: UseCase, split: DataSplit) -> dict[str, Any]:
    """The training data, by the digests of dataset and split: not by its content, which stays where it is."""
    return {
        "type": "data",
        "bom-ref": ROWS,
        "name": f"{use_case.name}: split {split.digest} of dataset version {split.dataset_digest}",
        "version": split.digest,
        "data": [{"type": "dataset", "name": "training rows", "contents": {"url": split.train_uri}}],
        "properties": [
            {"name": "vishwaops:dataset_digest", "value": split.dataset_digest},
            {"name": "vishwaops:training_rows", "value": str(split.train_rows)},
        ],
    }


def _packages(image: str) -> Iterator[dict[str, Any]]:
    """The image, the packages of its lock, and those that the archive installs at the start."""
    name, _, tag = image.partition(":")
    yield {"type": "container", "bom-ref": "image", "name": name, "version": tag}
    installed = dict(_pinned(lock_of(image))) | dict(_pinned(settings.SCRIPTS / "requirements.txt"))
    for package, version in sorted(installed.items()):
        purl = f"pkg:pypi/{package}@{version}"
        yield {"type": "library", "bom-ref": purl, "name": package, "version": version, "purl": purl}


def lock_of(image: str) -> Path:
    """The lock of an image: our own, or the list of the packages that AWS's image has."""
    if is_own(image):
        return settings.SCRIPTS / "image" / "requirements.lock"
    folder = image.replace(":", "-")
    return settings.PROJECT / "localstack" / "images" / folder / "requirements.lock"


def _pinned(lock: Path) -> Iterator[tuple[str, str]]:
    """The packages of a lock; none of an image that has no lock here."""
    text = lock.read_text(encoding="utf-8") if lock.is_file() else ""
    for name, version in PINNED.findall(text):
        yield re.sub(r"[-_.]+", "-", name).lower(), version


def _hashes(digest: str) -> list[dict[str, str]]:
    return [{"alg": "SHA-256", "content": digest}]
