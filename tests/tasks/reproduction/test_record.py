"""What a record needs, and the requests that are made from it."""

from typing import Any

import pytest

from config.errors import MissingInput
from config.use_case import UseCase
from tasks import digests, locations, storage
from tasks.reproduction.jobs import training_request
from tasks.reproduction.parts import digest_problem
from tasks.reproduction.record import channels_of, code_of, job_of, read_record
from tasks.sagemaker import registry
from tests.tasks.releases import new_release, new_use_case

SPLIT = "s3://data/case/splits/1"
MODEL = "s3://artefacts/case/jobs/case-forest-abc/output/model.tar.gz"


def channel(name: str, uri: str) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}


JOB: dict[str, Any] = {
    "TrainingJobName": "case-forest-refit-abc",
    "TrainingJobStatus": "Completed",
    "TuningJobArn": "arn:aws:sagemaker:us-east-1:000000000000:hyper-parameter-tuning-job/case-x",
    "HyperParameters": {
        "algorithm": "forest",
        "max_depth": "3",
        "sagemaker_submit_directory": "s3://artefacts/case/code/1/sourcedir.tar.gz",
        "_tuning_objective_metric": "validation:f1",
    },
    "InputDataConfig": [channel("train", f"{SPLIT}/train"), channel("selected", MODEL)],
    "RoleArn": "arn:aws:iam::000000000000:role/job",
}


def test_the_request_is_the_recorded_one_with_the_new_model_of_the_winner_and_without_the_search() -> None:
    request = training_request(JOB, "s3://new/model.tar.gz")
    assert request == {
        "HyperParameters": {
            name: text for name, text in JOB["HyperParameters"].items() if name != "_tuning_objective_metric"
        },
        "InputDataConfig": [channel("train", f"{SPLIT}/train"), channel("selected", "s3://new/model.tar.gz")],
        "RoleArn": JOB["RoleArn"],
    }
    assert channels_of(training_request(JOB, None))["selected"] == MODEL


def test_a_job_names_its_code_and_the_job_before_it() -> None:
    assert code_of(JOB) == "s3://artefacts/case/code/1/sourcedir.tar.gz"
    assert code_of({**JOB, "HyperParameters": {}}) is None
    assert job_of(channels_of(JOB)["selected"]) == "case-forest-abc"


@pytest.fixture(scope="module")
def case(bucket: str) -> UseCase:
    return new_use_case()


def test_a_version_whose_job_is_gone_or_elsewhere_is_refused_by_its_reason(case: UseCase) -> None:
    package = registry.describe_package(new_release(case, 0.8).model_package_arn)
    with pytest.raises(MissingInput, match=r"expected the training job .* of its record, found none"):
        read_record(case, package)
    promoted = {**package["CustomerMetadataProperties"], registry.PROMOTED_FROM: "arn:of/another"}
    with pytest.raises(MissingInput, match="promoted from arn:of/another"):
        read_record(case, {**package, "CustomerMetadataProperties": promoted})
    with pytest.raises(MissingInput, match="expected the metadata training_job_arn, evaluation_job_arn"):
        read_record(case, {**package, "CustomerMetadataProperties": {}})


def test_an_object_that_its_folder_names_by_another_digest_is_named(case: UseCase) -> None:
    good = f"{locations.code(case.name, digests.of_bytes(b'x'))}/sourcedir.tar.gz"
    bad = f"{locations.code(case.name, 'd1')}/sourcedir.tar.gz"
    assert digest_problem(good) == f"{good} is missing"
    storage.put(good, b"x")
    storage.put(bad, b"x")
    assert digest_problem(good) is None
    assert digest_problem(bad) == f"{bad} has the digest {digests.of_bytes(b'x')} instead of d1"
