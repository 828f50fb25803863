"""Serverless endpoints: what AWS refuses for them, their concurrency, and the size of their requests."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sagemaker_local.serverless import LARGEST_BODY
from tests.sagemaker_local.endpoint_support import config_of, described, variant
from tests.sagemaker_local.support import BUCKET, IMAGE, ROLE, Bench, unique

SLOW = """
import time
def model_fn(model_dir):
    return None
def transform_fn(model, body, content_type, accept):
    time.sleep(len(body) / 10)
    return "done", "text/csv"
"""
CAPTURE = {
    "InitialSamplingPercentage": 100,
    "DestinationS3Uri": f"s3://{BUCKET}/captured",
    "CaptureOptions": [{"CaptureMode": "Input"}],
}
VPC = {"Subnets": ["subnet-00000001"], "SecurityGroupIds": ["sg-00000001"]}


def serverless(model: str, memory: int = 2048, concurrency: int = 5, **more: Any) -> dict[str, Any]:
    provisioned = more.pop("provisioned", None)
    config = {"MemorySizeInMB": memory, "MaxConcurrency": concurrency}
    if provisioned:
        config["ProvisionedConcurrency"] = provisioned
    return {"VariantName": "v", "ModelName": model, "ServerlessConfig": config, **more}


@pytest.fixture(scope="module")
def model(bench: Bench) -> str:
    return bench.model()


@pytest.fixture(scope="module")
def slow(bench: Bench) -> Iterator[str]:
    """An endpoint that takes two requests at a time, each a tenth of a second for each of its characters."""
    name = bench.endpoint(config_of(bench, serverless(bench.model(script=SLOW), concurrency=2)))
    yield name
    bench.sagemaker.delete_endpoint(EndpointName=name)


def refusal(bench: Bench, *variants: dict[str, Any], **more: Any) -> str:
    with pytest.raises(ClientError) as refused:
        config_of(bench, *variants, **more)
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    return str(refused.value)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"memory": 2000}, "MemorySizeInMB must be 1024, 2048, 3072, 4096, 5120 or 6144; given: 2000"),
        ({"memory": 512}, "greater than or equal to 1024"),
        ({"memory": 7168}, "less than or equal to 6144"),
        ({"concurrency": 201}, "less than or equal to 200"),
        ({"concurrency": 2, "provisioned": 3}, "must be less than or equal to MaxConcurrency"),
        ({"InstanceType": "ml.m5.large"}, "ServerlessConfig can't be combined with InstanceType"),
        ({"VolumeSizeInGB": 5}, "ServerlessConfig can't be combined with VolumeSizeInGB"),
    ],
)
def test_sizes_that_aws_does_not_have_are_refused(
    bench: Bench, model: str, members: dict[str, Any], message: str
) -> None:
    assert message in refusal(bench, serverless(model, **members))


@pytest.mark.parametrize(
    ("more", "feature"),
    [
        ({"DataCaptureConfig": CAPTURE}, "DataCaptureConfig"),
        ({"VpcConfig": VPC}, "VpcConfig"),
        ({"EnableNetworkIsolation": True}, "EnableNetworkIsolation"),
    ],
)
def test_features_that_serverless_endpoints_lack_are_refused(
    bench: Bench, model: str, more: dict[str, Any], feature: str
) -> None:
    assert f"{feature} is not supported for the serverless production variant v" in refusal(
        bench, serverless(model), **more
    )


def test_a_serverless_variant_is_the_only_one(bench: Bench, model: str) -> None:
    message = refusal(bench, serverless(model), variant(model, "other"))
    assert "More than one production variant is not supported" in message
    shadow = variant(model, "shadow")
    assert "ShadowProductionVariants is not supported" in refusal(
        bench, serverless(model), ShadowProductionVariants=[shadow]
    )


@pytest.mark.parametrize(
    ("members", "feature"),
    [({"VpcConfig": VPC}, "VpcConfig"), ({"EnableNetworkIsolation": True}, "EnableNetworkIsolation")],
)
def test_a_model_with_a_network_of_its_own_is_refused(bench: Bench, members: dict[str, Any], feature: str) -> None:
    name, container = unique("model"), {"Image": IMAGE, "ModelDataUrl": f"s3://{BUCKET}/model.tar.gz"}
    bench.sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container, **members)
    assert f"A model with {feature} is not supported" in refusal(bench, serverless(name))


def test_a_key_is_accepted(bench: Bench, model: str) -> None:
    name = config_of(bench, serverless(model), KmsKeyId="alias/data")
    assert bench.sagemaker.describe_endpoint_config(EndpointConfigName=name)["KmsKeyId"] == "alias/data"


def test_an_endpoint_on_instances_is_not_converted_but_a_serverless_one_is(bench: Bench, model: str) -> None:
    on_instances, without = config_of(bench, variant(model)), config_of(bench, serverless(model))
    name = bench.endpoint(without)
    bench.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=on_instances)
    assert bench.settled(name)["EndpointConfigName"] == on_instances
    with pytest.raises(ClientError, match="can't be updated to a serverless endpoint"):
        bench.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=without)
    assert described(bench, name)["EndpointStatus"] == "InService"
    bench.sagemaker.delete_endpoint(EndpointName=name)


def test_a_rolling_deployment_is_refused(bench: Bench, slow: str) -> None:
    config = described(bench, slow)["EndpointConfigName"]
    batch = {"Type": "INSTANCE_COUNT", "Value": 1}
    with pytest.raises(ClientError, match="RollingUpdatePolicy is not supported for serverless"):
        bench.sagemaker.update_endpoint(
            EndpointName=slow,
            EndpointConfigName=config,
            DeploymentConfig={"RollingUpdatePolicy": {"MaximumBatchSize": batch, "WaitIntervalInSeconds": 0}},
        )


def test_requests_beyond_the_concurrency_are_throttled(bench: Bench, slow: str) -> None:
    def ask(_: int) -> tuple[Any, ...]:
        try:
            return (bench.invoke(slow, "1" * 10),)
        except ClientError as error:
            said = error.response
            return said["Error"]["Code"], said["ResponseMetadata"]["HTTPStatusCode"], said["Error"]["Message"]

    with ThreadPoolExecutor(5) as threads:
        answers = Counter(threads.map(ask, range(5)))
    assert answers == {("done",): 2, ("ThrottlingException", 400, None): 3}
    assert bench.invoke(slow, "1") == "done"


def test_a_request_may_have_four_megabytes_and_on_instances_six(bench: Bench, model: str, slow: str) -> None:
    with pytest.raises(ClientError, match=f"length less than or equal to {LARGEST_BODY}"):
        bench.invoke(slow, "1" * (LARGEST_BODY + 1))
    name = bench.endpoint(config_of(bench, variant(model)))
    assert bench.invoke(name, " " * (LARGEST_BODY + 1) + "1")
    bench.sagemaker.delete_endpoint(EndpointName=name)
