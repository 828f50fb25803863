"""Requests that break the service model: AWS's code and message, before anything is stored."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.sagemaker_local.support import IMAGE, ROLE, Bench, raw, unique

JOB: dict[str, Any] = {
    "TrainingJobName": "never-made",
    "RoleArn": ROLE,
    "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
    "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
    "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
}
S3 = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/x"}}
ONE = "1 validation error detected: "
FAILED = " failed to satisfy constraint: "
NAME_PATTERN = "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"RoleArn": None}, "ValidationException", f"{ONE}Value null at 'roleArn'{FAILED}Member must not be null"),
        (
            {"RoleArn": None, "OutputDataConfig": {}},
            "ValidationException",
            f"2 validation errors detected: Value null at 'roleArn'{FAILED}Member must not be null; "
            f"Value null at 'outputDataConfig.s3OutputPath'{FAILED}Member must not be null",
        ),
        (
            {"TrainingJobName": "never_made"},
            "ValidationException",
            f"{ONE}Value 'never_made' at 'trainingJobName'{FAILED}"
            f"Member must satisfy regular expression pattern: {NAME_PATTERN}",
        ),
        (
            {"TrainingJobName": "n" * 64},
            "ValidationException",
            f"2 validation errors detected: Value '{'n' * 64}' at 'trainingJobName'{FAILED}"
            "Member must have length less than or equal to 63; "
            f"Value '{'n' * 64}' at 'trainingJobName'{FAILED}"
            f"Member must satisfy regular expression pattern: {NAME_PATTERN}",
        ),
        (
            {"ResourceConfig": {**JOB["ResourceConfig"], "InstanceCount": -1}},
            "ValidationException",
            f"{ONE}Value '-1' at 'resourceConfig.instanceCount'{FAILED}"
            "Member must have value greater than or equal to 0",
        ),
        (
            {"AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "Tape"}},
            "ValidationException",
            f"{ONE}Value 'Tape' at 'algorithmSpecification.trainingInputMode'{FAILED}"
            "Member must satisfy enum value set: [Pipe, File, FastFile]",
        ),
        (
            {"InputDataConfig": [{"ChannelName": "a b", "DataSource": S3}]},
            "ValidationException",
            f"{ONE}Value 'a b' at 'inputDataConfig.1.member.channelName'{FAILED}"
            "Member must satisfy regular expression pattern: [A-Za-z0-9\\.\\-_]+",
        ),
        (
            {"HyperParameters": {"a": "v" * 2501}},
            "ValidationException",
            "Map value must satisfy constraint: [Member must have length less than or equal to 2500]",
        ),
        ({"Tags": [{"Key": "k#", "Value": "v"}]}, "ValidationException", "'tags.1.member.key'"),
        ({"Surprise": 1}, "ValidationException", f"{ONE}Value at 'surprise'{FAILED}Member must be one of"),
        ({"TrainingJobName": 7}, "SerializationException", "NUMBER_VALUE can not be converted to a String"),
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": "60"}},
            "SerializationException",
            "STRING_VALUE can not be converted to an Integer",
        ),
        ({"Tags": {}}, "SerializationException", "Unexpected token where a list was expected."),
        ({"RoleArn": ["x"]}, "SerializationException", "Start of list found where not expected."),
        (
            {"InputDataConfig": [{"ChannelName": "..", "DataSource": S3}]},
            "ValidationException",
            "Channel name '..' would be outside of /opt/ml/input/data.",
        ),
        ({"ResourceConfig": None}, "ValidationException", "ResourceConfig must be specified for a training job."),
    ],
)
def test_a_bad_training_job_is_refused_in_awss_words_and_not_stored(
    bench: Bench, changes: dict[str, Any], code: str, message: str
) -> None:
    status, answer = raw(bench.url, "CreateTrainingJob", {**JOB, **changes})
    assert (status, answer["__type"]) == (400, code)
    assert message in answer["message"]
    status, answer = raw(bench.url, "DescribeTrainingJob", {"TrainingJobName": JOB["TrainingJobName"]})
    assert (answer["__type"], answer["message"]) == ("ValidationException", "Requested resource not found.")


@pytest.mark.parametrize("body", ["", "{", "[]", '"text"', "null"])
def test_a_body_that_is_no_json_object_is_refused(bench: Bench, body: str) -> None:
    status, answer = raw(bench.url, "CreateTrainingJob", body)
    assert status == 400
    assert answer["__type"] in ("SerializationException", "ValidationException")


@pytest.mark.parametrize("authorization", [None, "Basic dGVzdA==", ""])
def test_an_unsigned_request_is_refused(bench: Bench, authorization: str | None) -> None:
    status, answer = raw(bench.url, "ListModels", {}, authorization)
    assert (status, answer["__type"]) == (403, "MissingAuthenticationTokenException")


def test_an_action_that_is_not_here_yet_says_so_at_once(bench: Bench) -> None:
    with pytest.raises(bench.sagemaker.exceptions.ClientError) as refused:
        bench.sagemaker.list_clusters()
    error = refused.value.response
    assert error["Error"]["Message"] == "ListClusters is not implemented by SageMaker local yet."
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert error["ResponseMetadata"]["RetryAttempts"] == 0


def test_an_action_that_sagemaker_does_not_have_is_unknown(bench: Bench) -> None:
    status, answer = raw(bench.url, "MakeCoffee", {})
    assert (status, answer["__type"]) == (400, "UnknownOperationException")


def test_of_two_creations_of_one_name_at_the_same_instant_one_wins(bench: Bench) -> None:
    request = {**JOB, "TrainingJobName": unique("race")}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: raw(bench.url, "CreateTrainingJob", request), range(8)))
    lost = [answer for status, answer in answers if status != 200]
    assert len(lost) == 7
    arn = next(answer["TrainingJobArn"] for status, answer in answers if status == 200)
    for answer in lost:
        assert answer == {
            "__type": "ResourceInUse",
            "Message": "Training job names must be unique within an AWS account and region, "
            f"and a training job with this name already exists ({arn})",
        }
