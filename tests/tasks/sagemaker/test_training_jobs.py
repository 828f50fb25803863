"""The request of a training job, and its results."""

from typing import Any

import pytest

from config.errors import JobFailed
from config.profile import active_profile
from tasks import locations, scripts, storage
from tasks.platform import platform
from tasks.sagemaker.job_kinds import tags_of
from tasks.sagemaker.training_jobs import FinishedTrainingJob
from tests.small_jobs import USE_CASE, Code, train

SAVES = """
import sys
from pathlib import Path
print("validation:auc=0.75;")
print("train:auc=1e0;")
Path(__import__("os").environ["SM_MODEL_DIR"], "arguments.txt").write_text(" ".join(sys.argv[1:]))
"""


WRITES = """
import os
from pathlib import Path
print("auc=0.12;", "loss=2.0;", "f1=0.5;")
Path(os.environ["SM_MODEL_DIR"], "model").write_text("x")
Path(os.environ["SM_OUTPUT_DATA_DIR"], "metrics.json").write_text('{"auc": 0.123456789, "f1": NaN, "text": "x"}')
"""


@pytest.fixture(scope="module")
def finished(code: Code) -> FinishedTrainingJob:
    """A job with two hyperparameters and two metrics."""
    return train(
        code(SAVES),
        "student-grades-described",
        hyperparameters={"depth": 3, "rate": 0.5},
        metrics=["validation:auc", "train:auc"],
    )


@pytest.fixture(scope="module")
def described(finished: FinishedTrainingJob, sagemaker: Any) -> dict[str, Any]:
    """The job as SageMaker describes it."""
    return dict(sagemaker.describe_training_job(TrainingJobName=finished.name))


def test_its_metrics_are_those_that_it_printed_and_its_model_is_stored(finished: FinishedTrainingJob) -> None:
    assert finished.metrics == {"validation:auc": 0.75, "train:auc": 1.0}
    assert finished.model_uri.startswith(f"{locations.jobs(USE_CASE)}/{finished.name}/")
    assert storage.exists(finished.model_uri)
    assert finished.seconds > 0
    assert finished.name.startswith("student-grades-described-")


def test_it_runs_in_its_use_case_s_role_and_with_the_profile_s_machines(described: dict[str, Any]) -> None:
    jobs = active_profile().jobs
    assert described["RoleArn"] == platform().role("job", USE_CASE)
    assert described["AlgorithmSpecification"]["TrainingImage"] == platform().image(active_profile().image)
    resources = described["ResourceConfig"]
    assert (resources["InstanceType"], resources["InstanceCount"]) == (jobs.instance_type, jobs.instance_count)
    assert described["Environment"] == scripts.ENVIRONMENT
    assert described["StoppingCondition"]["MaxRuntimeInSeconds"] == jobs.max_runtime_in_seconds


def test_its_volume_and_its_model_are_encrypted_with_the_platform_s_key(described: dict[str, Any]) -> None:
    assert described["OutputDataConfig"]["KmsKeyId"] == platform().data_key
    assert described["ResourceConfig"]["VolumeKmsKeyId"] == platform().data_key


def test_hyperparameters_are_texts_and_name_the_script(described: dict[str, Any]) -> None:
    given = described["HyperParameters"]
    assert (given["depth"], given["rate"], given["sagemaker_program"]) == ("3", "0.5", "train.py")


def test_it_is_tagged_with_its_use_case_and_stage(finished: FinishedTrainingJob) -> None:
    tags = tags_of(finished.arn)
    assert (tags["use-case"], tags["stage"]) == (USE_CASE, "train")


def test_a_spot_job_keeps_checkpoints_beside_its_model_and_waits_for_instances(
    code: Code, prefix: str, sagemaker: Any
) -> None:
    found = train(code(SAVES), prefix, spot=True)
    job = sagemaker.describe_training_job(TrainingJobName=found.name)
    assert job["EnableManagedSpotTraining"]
    longest = active_profile().jobs.max_runtime_in_seconds
    assert job["StoppingCondition"] == {"MaxRuntimeInSeconds": longest, "MaxWaitTimeInSeconds": 2 * longest}
    folder = f"{locations.jobs(USE_CASE)}/{found.name}/checkpoints"
    assert job["CheckpointConfig"] == {"S3Uri": folder, "LocalPath": "/opt/ml/checkpoints"}
    assert 1 <= found.billed_seconds == job["BillableTimeInSeconds"]


def test_a_metric_that_it_never_reported_has_no_value_and_is_an_error_if_it_is_required(
    code: Code, prefix: str
) -> None:
    source_dir = code(SAVES)
    assert train(source_dir, prefix, metrics=["loss"]).metrics == {}
    message = (
        rf"training job {prefix}\S+: expected a finite loss, found none\. .* metrics.json of s3://\S+/output\.tar\.gz"
    )
    with pytest.raises(JobFailed, match=message):
        train(source_dir, prefix, metrics=["loss"], required=["loss"])


def test_metrics_come_from_the_file_first_and_from_the_log_second(code: Code, prefix: str) -> None:
    found = train(code(WRITES), prefix, metrics=["auc", "loss", "f1", "rows", "text"], required=["auc", "loss"])
    assert found.metrics == {"auc": 0.123456789, "loss": 2.0}
    with pytest.raises(JobFailed, match=r"expected a finite f1, found nan\. .* or a line 'f1=<number>;' of its log"):
        train(code(WRITES), f"{prefix}-f1", metrics=["f1"], required=["f1"])


def test_a_failed_script_is_reported_with_its_last_output(code: Code, prefix: str) -> None:
    with pytest.raises(JobFailed, match=rf"(?s)training job {prefix}\S+: expected Completed, found Failed: .*no rows"):
        train(code("raise SystemExit('no rows')"), prefix)
