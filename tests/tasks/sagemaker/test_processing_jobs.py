"""The request of a processing job, and the inputs and outputs of its script."""

import json
from typing import Any

import pytest

from config.errors import JobFailed
from config.profile import active_profile
from tasks import locations, storage
from tasks.platform import platform
from tasks.sagemaker.processing_jobs import CODE, INPUT, OUTPUT, FinishedProcessingJob
from tests.small_jobs import USE_CASE, Code, process

LISTS = f"""
import json, sys
from pathlib import Path
found = {{"arguments": sys.argv[1:], "rows": Path("{INPUT}/rows/rows.csv").read_text(), "here": str(Path.cwd())}}
Path("{OUTPUT}/found.json").write_text(json.dumps(found))
"""


@pytest.fixture(scope="module")
def finished(code: Code) -> FinishedProcessingJob:
    """A job with an input and arguments that a shell would change."""
    rows = f"{locations.jobs(USE_CASE)}/inputs/rows.csv"
    storage.put(rows, b"a,b\n1,2\n")
    arguments = ["--name", "a b", "$HOME", "*"]
    return process(code(LISTS), "student-grades-lists", inputs={"rows": rows}, arguments=arguments)


@pytest.fixture(scope="module")
def described(finished: FinishedProcessingJob, sagemaker: Any) -> dict[str, Any]:
    """The job as SageMaker describes it."""
    return dict(sagemaker.describe_processing_job(ProcessingJobName=finished.name))


def test_the_script_runs_beside_its_code_with_its_inputs_and_arguments_as_they_are(
    finished: FinishedProcessingJob,
) -> None:
    found = json.loads(storage.get(f"{finished.output_uri}/found.json"))
    assert found == {"arguments": ["--name", "a b", "$HOME", "*"], "rows": "a,b\n1,2\n", "here": CODE}


def test_its_output_is_below_its_name(finished: FinishedProcessingJob) -> None:
    assert finished.output_uri == f"{locations.evaluations(USE_CASE)}/{finished.name}"
    assert finished.seconds > 0


def test_it_runs_in_its_use_case_s_role_and_is_encrypted_with_the_platform_s_key(described: dict[str, Any]) -> None:
    cluster = described["ProcessingResources"]["ClusterConfig"]
    assert described["RoleArn"] == platform().role("job", USE_CASE)
    assert cluster["InstanceType"] == active_profile().jobs.instance_type
    assert cluster["VolumeKmsKeyId"] == described["ProcessingOutputConfig"]["KmsKeyId"] == platform().data_key


def test_a_script_that_fails_is_reported_with_its_job(code: Code, prefix: str) -> None:
    with pytest.raises(JobFailed, match=rf"processing job {prefix}\S+: expected Completed, found Failed"):
        process(code("raise SystemExit(3)"), prefix)
