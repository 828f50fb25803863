"""Live figures stand beside those of the version's training."""

import io
import json
import tarfile
from collections.abc import Mapping
from typing import Any

import pytest

from config.use_case import UseCase
from tabular.calibration.file import Calibration
from tasks import locations, storage
from tasks.live_quality.measured_figures import COVERAGE
from tasks.live_quality.trained import TrainedVersion, calibration_of
from tasks.platform import platform
from tasks.platform.seed import seed_use_case
from tasks.sagemaker import registry
from tests.sagemaker_local.support import unique
from tests.use_cases import small_use_case

CONFORMAL = {"coverage": 0.9, "method": "class_conditional", "thresholds": [0.3, 0.4]}
EVALUATION: dict[str, Any] = {
    "metrics": {"roc_auc": 0.81, "accuracy": 0.7},
    "prediction_sets": {"coverage": 0.92, "columns": {"origin": [{"group": "here", "coverage": 0.95}]}},
    "fairness": {
        "columns": {
            "origin": {
                "groups": [{"group": "here", "rates": {"accuracy": {"value": 0.6}}}],
                "between": {"selection_rate_difference": {"value": 0.2}, "accuracy_ratio": None},
            }
        }
    },
}


def archive(content: Mapping[str, object]) -> bytes:
    """A model.tar.gz with a calibration."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        text = json.dumps(content).encode()
        member = tarfile.TarInfo("calibration.json")
        member.size = len(text)
        tar.addfile(member, io.BytesIO(text))
    return file.getvalue()


@pytest.fixture(scope="module")
def case(bucket: str) -> UseCase:
    """A use case with a registered version."""
    found = small_use_case(name=unique("trained").replace("-", "_")[:20])
    seed_use_case(found.name)
    folder = locations.root(found.name, "artefacts")
    storage.put_json(f"{folder}/evaluation.json", EVALUATION)
    calibration = {"format": 1, "rows": 50, "threshold": None, "conformal": CONFORMAL}
    storage.put(f"{folder}/model.tar.gz", archive(calibration))
    registry.ensure_package(
        platform().model_package_group(found.name),
        unique("token")[:36],
        description="a version",
        model=f"{folder}/model.tar.gz",
        evaluation_uri=f"{folder}/evaluation.json",
        facts={registry.EVALUATION: "one"},
    )
    return found


def test_references_are_those_of_the_held_out_rows(case: UseCase) -> None:
    trained = TrainedVersion.of(case, 1)
    assert trained.reference("roc_auc") == 0.81
    assert trained.reference("accuracy", "origin=here") == 0.6
    assert trained.reference("roc_auc", "origin=here") is None
    assert trained.reference(COVERAGE) == 0.92
    assert trained.reference(COVERAGE, "origin=here") == 0.95
    assert trained.reference(COVERAGE, "origin=there") is None
    assert trained.between("origin", "selection_rate_difference") == 0.2
    assert trained.between("origin", "accuracy_ratio") is None
    assert trained.calibration == Calibration(rows=50, threshold=None, conformal=CONFORMAL)


def test_a_version_that_was_deleted_has_no_references(case: UseCase) -> None:
    trained = TrainedVersion.of(case, 7)
    assert (trained.reference("roc_auc"), trained.between("origin", "x"), trained.calibration) == (None, None, None)


def test_an_archive_that_was_deleted_has_no_calibration(case: UseCase) -> None:
    assert calibration_of(f"{locations.root(case.name, 'artefacts')}/none.tar.gz") is None
