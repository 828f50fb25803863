"""What a training job's request has; tests/tasks/sagemaker/test_training_jobs.py runs such jobs."""

from typing import Any

import pytest

from config.profile import active_profile, load_profile
from tasks import locations
from tasks.platform import platform
from tasks.sagemaker.training_requests import CHECKPOINTS, TrainingRequest
from tests.small_jobs import USE_CASE, Code

SOURCE = "s3://code/sourcedir.tar.gz"


@pytest.fixture(autouse=True)
def seeded(code: Code) -> None:
    """The use case's platform resources."""


def request(**changes: Any) -> TrainingRequest:
    given: dict[str, Any] = {
        "use_case": USE_CASE,
        "source_dir": SOURCE,
        "program": "train.py",
        "channels": {"train": "s3://data/train"},
        "hyperparameters": {"depth": 3, "rate": 0.5},
        "metrics": ["validation:auc"],
        "output": locations.jobs(USE_CASE),
        "tags": {"use-case": USE_CASE},
        **changes,
    }
    return TrainingRequest(**given)


@pytest.mark.parametrize(
    "changes",
    [
        {"source_dir": "s3://code/other.tar.gz"},
        {"program": "evaluate.py"},
        {"channels": {"train": "s3://data/other"}},
        {"hyperparameters": {"depth": 4, "rate": 0.5}},
        {"metrics": ["validation:f1"]},
        {"output": "s3://data/elsewhere"},
        {"spot": True},
    ],
)
def test_whatever_changes_a_job_s_result_is_in_its_content(changes: dict[str, Any]) -> None:
    assert request(**changes).content != request().content


def test_what_does_not_change_the_result_is_not_in_its_content() -> None:
    assert request(tags={"use-case": USE_CASE, "stage": "train"}).content == request().content
    assert request(hyperparameters={"rate": "0.5", "depth": "3"}).content == request().content


def test_a_spot_job_may_wait_as_long_as_it_may_run_and_has_a_folder_of_checkpoints_for_each_name() -> None:
    longest = active_profile().jobs.max_runtime_in_seconds
    plain, spot = request().shared("one"), request(spot=True).shared("one")
    assert "enable_managed_spot_training" not in plain
    assert spot["enable_managed_spot_training"] is True
    stops = spot["stopping_condition"]
    assert (stops.max_runtime_in_seconds, stops.max_wait_time_in_seconds) == (longest, 2 * longest)
    checkpoints = spot["checkpoint_config"]
    assert checkpoints.local_path == CHECKPOINTS
    assert checkpoints.s3_uri == f"{locations.jobs(USE_CASE)}/one/checkpoints"


def test_it_runs_in_the_use_case_s_job_role_and_encrypts_with_the_platform_s_key() -> None:
    shared = request().shared("one")
    assert shared["role_arn"] == platform().role("job", USE_CASE)
    assert shared["output_data_config"].kms_key_id == platform().data_key
    assert shared["resource_config"].volume_kms_key_id == platform().data_key
    assert [each.channel_name for each in shared["input_data_config"]] == ["train"]


def test_a_metric_is_read_from_log_lines_by_its_name() -> None:
    (definition,) = request().definitions
    assert (definition.name, definition.regex) == ("validation:auc", r"validation:auc=([-+0-9.eE]+);")


def test_aws_s_image_gets_the_code_s_address_and_our_own_a_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    assert request().fixed["sagemaker_submit_directory"] == SOURCE
    monkeypatch.setenv("VISHWAOPS_IMAGE", "vishwaops-model:1.0.0")
    load_profile.cache_clear()
    try:
        assert request().fixed == {"sagemaker_program": "train.py", "depth": "3", "rate": "0.5"}
        assert request().content["channels"] == {"code": SOURCE, "train": "s3://data/train"}
    finally:
        monkeypatch.undo()
        load_profile.cache_clear()
