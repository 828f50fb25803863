"""The metrics of a completed job, from archives as AWS stores them."""

import io
import tarfile
from typing import Any
from uuid import uuid4

import pytest

from config.errors import JobFailed
from tasks import locations, storage
from tasks.sagemaker.training_metrics import metrics_of

NAMES = ["auc", "loss"]


@pytest.fixture
def folder(bucket: str) -> str:
    return f"{locations.jobs('student_grades')}/{uuid4().hex}/output"


def job(folder: str, **printed: float) -> dict[str, Any]:
    return {
        "TrainingJobName": "one",
        "ModelArtifacts": {"S3ModelArtifacts": f"{folder}/model.tar.gz"},
        "FinalMetricDataList": [{"MetricName": name, "Value": value} for name, value in printed.items()],
    }


def archive(**files: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, text in files.items():
            info = tarfile.TarInfo(name.replace("__", "/") + ".json")
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()


@pytest.mark.parametrize("place", ["metrics", "data__metrics", ".__metrics"])
def test_the_file_is_found_where_aws_and_its_toolkits_put_it(folder: str, place: str) -> None:
    storage.put(f"{folder}/output.tar.gz", archive(other="[]", **{place: '{"auc": 0.5, "more": 1}'}))
    assert metrics_of(job(folder), NAMES, ["auc"]) == {"auc": 0.5}


def test_a_job_without_the_file_has_the_metrics_of_its_log(folder: str) -> None:
    assert metrics_of(job(folder, auc=0.5, other=1.0), NAMES, ["auc"]) == {"auc": 0.5}
    storage.put(f"{folder}/output.tar.gz", archive(other="[]"))
    assert metrics_of(job(folder, auc=0.5), NAMES, ["auc"]) == {"auc": 0.5}


@pytest.mark.parametrize(("value", "found"), [("NaN", "nan"), ("Infinity", "inf"), ('"0.5"', "0.5"), ("null", "None")])
def test_a_required_metric_that_is_no_finite_number_is_named(folder: str, value: str, found: str) -> None:
    storage.put(f"{folder}/output.tar.gz", archive(metrics=f'{{"auc": {value}, "loss": 1}}'))
    assert metrics_of(job(folder), NAMES, ["loss"]) == {"loss": 1.0}
    with pytest.raises(JobFailed, match=f"training job one: expected a finite auc, found {found}. It should be in"):
        metrics_of(job(folder), NAMES, ["auc"])


@pytest.mark.parametrize(
    "content",
    [b"no archive", archive(metrics="[1]"), archive(metrics="{"), archive(metrics="{}")[:40]],
    ids=["no archive", "a list", "no JSON", "an archive cut short"],
)
def test_a_file_that_can_not_be_read_is_reported_with_its_address(folder: str, content: bytes) -> None:
    storage.put(f"{folder}/output.tar.gz", content)
    with pytest.raises(JobFailed, match=rf"training job one: expected an object of metrics .* of {folder}/output"):
        metrics_of(job(folder, auc=0.5), NAMES, ["auc"])
