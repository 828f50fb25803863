"""Jobs of small scripts, run as in the stages. Each conftest.py imports the fixtures of its tests."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import boto3
import pytest

from config.use_case import load_use_case
from tasks import locations, storage
from tasks.platform.seed import seed_use_case
from tasks.sagemaker.processing_jobs import FinishedProcessingJob, run_processing_job
from tasks.sagemaker.training_jobs import FinishedTrainingJob, run_training_job
from tests.sagemaker_local.support import archive, everything

USE_CASE = "student_grades"
QUICK = """
print("auc=0.5;")
import os
from pathlib import Path
for folder in ("/opt/ml/processing/output", os.environ.get("SM_MODEL_DIR", "")):
    if folder and Path(folder).is_dir():
        Path(folder, "result.txt").write_text("done")
"""
ENDLESS = "import time\nwhile True:\n    time.sleep(0.1)"


Code = Callable[[str], str]
"""Uploads a script; returns the address of its archive."""


@pytest.fixture(scope="session")
def code(bucket: str) -> Code:
    """Uploads a script as train.py and process.py; returns the archive's address."""
    seed_use_case(USE_CASE)

    def upload(script: str) -> str:
        uri = f"{locations.code(USE_CASE, uuid4().hex)}/sourcedir.tar.gz"
        storage.put(uri, archive(train=script, process=script))
        return uri

    return upload


@pytest.fixture(scope="session")
def sagemaker(bucket: str) -> Any:
    """A separate client."""
    return boto3.client("sagemaker", region_name="us-east-1")


@pytest.fixture
def prefix() -> str:
    """The prefix of the names of the test's jobs."""
    return new_prefix()


def new_prefix() -> str:
    """The prefix of the names of one test's jobs. It begins with the use case's slug."""
    return f"{load_use_case(USE_CASE).slug}-{uuid4().hex[:8]}"


def train(source_dir: str, prefix: str, **changes: Any) -> FinishedTrainingJob:
    """Run the script of `source_dir` as a training job."""
    arguments: dict[str, Any] = {
        "use_case": USE_CASE,
        "program": "train.py",
        "channels": {"train": source_dir},
        "hyperparameters": {},
        "metrics": ["auc"],
        "output": locations.jobs(USE_CASE),
        "tags": {"use-case": USE_CASE, "stage": "train"},
        **changes,
    }
    return run_training_job(prefix, source_dir=source_dir, **arguments)


def process(source_dir: str, prefix: str, **changes: Any) -> FinishedProcessingJob:
    """Run the script of `source_dir` as a processing job."""
    arguments: dict[str, Any] = {
        "use_case": USE_CASE,
        "program": "process.py",
        "inputs": {},
        "arguments": [],
        "output": locations.evaluations(USE_CASE),
        "tags": {"use-case": USE_CASE, "stage": "evaluate"},
        **changes,
    }
    return run_processing_job(prefix, source_dir=source_dir, **arguments)


def status_of(sagemaker: Any, name: str) -> str:
    """The status of a training job."""
    return str(sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobStatus"])


def names_in_progress(sagemaker: Any, prefix: str) -> list[str]:
    """The names of the training and processing jobs that run and whose names contain `prefix`."""
    asked = {"NameContains": prefix, "StatusEquals": "InProgress"}
    training = everything(sagemaker, "list_training_jobs", **asked)
    processing = everything(sagemaker, "list_processing_jobs", **asked)
    return [job["TrainingJobName"] for job in training] + [job["ProcessingJobName"] for job in processing]
