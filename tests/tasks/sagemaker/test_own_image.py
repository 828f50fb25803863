"""Jobs and model packages with our own image: the code is a channel, and no variable names a program."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from config.errors import JobFailed
from config.profile import load_profile
from tasks import clients, storage
from tasks.platform import platform
from tasks.sagemaker import registry
from tests.small_jobs import Code, process, train

TRAINS = """
import os, sys
import orjson
print("auc=0.75;")
with open(os.environ["SM_MODEL_DIR"] + "/seen", "wb") as file:
    file.write(orjson.dumps([sys.argv[1:], sorted(os.listdir(os.environ["SM_CHANNEL_TRAIN"]))]))
"""
PROCESSES = """
import sys
import orjson
with open(sys.argv[1] + "/seen.json", "wb") as file:
    file.write(orjson.dumps({"own": True}))
"""


@pytest.fixture(autouse=True)
def own_image(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("VISHWAOPS_IMAGE", "vishwaops-model:1.0.0")
    load_profile.cache_clear()
    yield
    load_profile.cache_clear()


def test_a_training_job_gets_its_code_as_a_channel(code: Code, prefix: str, sagemaker: Any) -> None:
    source_dir = code(TRAINS)
    job = train(source_dir, prefix, hyperparameters={"depth": 3})
    described = sagemaker.describe_training_job(TrainingJobName=job.name)
    assert described["AlgorithmSpecification"]["TrainingImage"].endswith("/vishwaops-offline-model:1.0.0")
    assert described["HyperParameters"] == {"sagemaker_program": "train.py", "depth": "3"}
    channels = {
        each["ChannelName"]: each["DataSource"]["S3DataSource"]["S3Uri"] for each in described["InputDataConfig"]
    }
    assert channels == {"code": source_dir, "train": source_dir}
    assert job.metrics == {"auc": 0.75}
    assert storage.exists(job.model_uri)


def test_its_failure_names_the_script_s_own_error(code: Code, prefix: str) -> None:
    with pytest.raises(JobFailed, match=r"(?s)found Failed: AlgorithmError: ValueError: too few rows"):
        train(code("raise ValueError('too few rows')"), prefix)


def test_a_processing_job_runs_its_script_as_the_image_s_user(code: Code, prefix: str, sagemaker: Any) -> None:
    job = process(code(PROCESSES), prefix, arguments=["/opt/ml/processing/output"])
    described = sagemaker.describe_processing_job(ProcessingJobName=job.name)["AppSpecification"]
    assert "exec run-as-user python3 process.py" in described["ContainerEntrypoint"][2]
    assert storage.get(f"{job.output_uri}/seen.json") == b'{"own":true}'


def test_a_model_package_names_no_program(bucket: str) -> None:
    group = f"group-{uuid4().hex[:10]}"
    clients.sagemaker().create_model_package_group(ModelPackageGroupName=group)
    arn = registry.ensure_package(
        group,
        f"token-{uuid4().hex[:20]}",
        description="a model",
        model="s3://b/model.tar.gz",
        evaluation_uri="s3://b/evaluation.json",
        facts={registry.EVALUATION: "one"},
    )
    (container,) = registry.describe_package(arn)["InferenceSpecification"]["Containers"]
    assert container["Image"] == platform().image("vishwaops-model:1.0.0")
    assert "Environment" not in container
