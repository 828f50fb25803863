"""InvokeEndpointAsync: S3 objects in and out, failures and notifications as the endpoint config says."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from offline_cloud import Cloud
from tests.sagemaker_local.endpoint_support import config_of, described, variant
from tests.sagemaker_local.support import BUCKET, Bench, unique, until

CONFIG: dict[str, Any] = {
    "OutputConfig": {"S3OutputPath": f"s3://{BUCKET}/answers", "S3FailurePath": f"s3://{BUCKET}/failures"},
    "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 2},
}
COUNTS = """
import os, time
HERE = os.path.join(os.environ["HOME"], "requests")
def model_fn(model_dir):
    os.makedirs(HERE, exist_ok=True)
def transform_fn(model, body, content_type, accept):
    mine = os.path.join(HERE, str(os.getpid()))
    open(mine, "w").close()
    time.sleep(0.1)
    now = len(os.listdir(HERE))
    os.remove(mine)
    return str(now), "text/plain"
"""


@pytest.fixture(scope="module")
def endpoint(bench: Bench) -> Iterator[str]:
    name = bench.endpoint(config_of(bench, variant(bench.model(slope=2.0)), AsyncInferenceConfig=CONFIG))
    yield name
    bench.sagemaker.delete_endpoint(EndpointName=name)


def content(bench: Bench, uri: str) -> bytes:
    """The content of the object, once it exists."""

    def read() -> bytes | None:
        try:
            return bench.read(uri)
        except ClientError:
            return None

    found = until(read, lambda body: body is not None)
    assert found is not None
    return found


def invoke(bench: Bench, endpoint: str, body: str, **more: Any) -> Any:
    location = bench.put(f"{unique('input')}.csv", body)
    return bench.runtime.invoke_endpoint_async(
        EndpointName=endpoint, InputLocation=location, ContentType="text/csv", **more
    )


def test_the_answer_is_put_at_the_location_of_the_call(bench: Bench, endpoint: str) -> None:
    assert described(bench, endpoint)["AsyncInferenceConfig"] == CONFIG
    answer = invoke(bench, endpoint, "1\n2", InferenceId="mine")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert answer["InferenceId"] == "mine"
    assert answer["OutputLocation"].startswith(f"s3://{BUCKET}/answers/")
    assert answer["OutputLocation"].endswith(".out")
    assert content(bench, answer["OutputLocation"]) == b"2.0\n4.0"
    named = invoke(bench, endpoint, "3", S3OutputPathExtension="today", Filename="three.csv")
    assert named["OutputLocation"] == f"s3://{BUCKET}/answers/today/three.csv"
    assert content(bench, named["OutputLocation"]) == b"6.0"
    inline = bench.runtime.invoke_endpoint_async(EndpointName=endpoint, Body="4", ContentType="text/csv")
    assert content(bench, inline["OutputLocation"]) == b"8.0"


def test_a_failure_is_put_at_the_location_of_the_call(bench: Bench, endpoint: str) -> None:
    refused = invoke(bench, endpoint, "x")
    assert content(bench, refused["FailureLocation"]).startswith(b"row must be a number")
    missing = bench.runtime.invoke_endpoint_async(EndpointName=endpoint, InputLocation=f"s3://{BUCKET}/nowhere.csv")
    assert b"nowhere.csv" in content(bench, missing["FailureLocation"])


def test_topics_hear_of_both(bench: Bench, cloud: Cloud) -> None:
    def client(service: str) -> Any:
        make: Any = boto3.client
        return make(service, endpoint_url=cloud.environment["AWS_ENDPOINT_URL"], region_name="us-east-1")

    sns, sqs = client("sns"), client("sqs")
    queue = sqs.create_queue(QueueName=unique("notices"))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topics = {kind: sns.create_topic(Name=unique(kind))["TopicArn"] for kind in ("success", "error")}
    for topic in topics.values():
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    notification = {
        "SuccessTopic": topics["success"],
        "ErrorTopic": topics["error"],
        "IncludeInferenceResponseIn": ["SUCCESS_NOTIFICATION_TOPIC"],
    }
    config = {"OutputConfig": {**CONFIG["OutputConfig"], "NotificationConfig": notification}}
    name = bench.endpoint(config_of(bench, variant(bench.model(slope=2.0)), AsyncInferenceConfig=config))

    def notice() -> dict[str, Any]:
        got = until(lambda: sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages"), bool)
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=got[0]["ReceiptHandle"])
        return dict(json.loads(got[0]["Body"]))

    answer = invoke(bench, name, "2")
    success = notice()
    assert success["invocationStatus"] == "Completed"
    assert success["inferenceId"] == answer["InferenceId"]
    media = "text/csv; charset=utf-8"
    assert success["responseParameters"] == {"contentType": media, "outputLocation": answer["OutputLocation"]}
    assert success["requestParameters"]["endpointName"] == name
    assert base64.b64decode(success["responseBody"]["content"]) == b"4.0"
    assert (success["eventSource"], success["eventName"]) == ("aws:sagemaker", "InferenceResult")
    invoke(bench, name, "x")
    error = notice()
    assert error["invocationStatus"] == "Failed"
    assert "Received client error (422) from primary" in error["failureReason"]
    assert "responseBody" not in error
    bench.sagemaker.delete_endpoint(EndpointName=name)


def test_no_more_requests_are_at_the_model_at_once_than_configured(bench: Bench) -> None:
    environment = {
        "SAGEMAKER_PROGRAM": "inference.py",
        "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
        "SAGEMAKER_MODEL_SERVER_WORKERS": "3",
    }
    model = bench.model(script=COUNTS, Environment=environment)
    name = bench.endpoint(config_of(bench, variant(model), AsyncInferenceConfig=CONFIG))
    answers = [invoke(bench, name, "1")["OutputLocation"] for _ in range(8)]
    assert max(int(content(bench, answer)) for answer in answers) == 2
    bench.sagemaker.delete_endpoint(EndpointName=name)


def test_each_kind_of_endpoint_refuses_the_others_call(bench: Bench, endpoint: str) -> None:
    with pytest.raises(ClientError, match="is an asynchronous endpoint"):
        bench.invoke(endpoint)
    name = bench.endpoint(config_of(bench, variant(bench.model())))
    with pytest.raises(ClientError, match="is not an asynchronous endpoint") as refused:
        invoke(bench, name, "1")
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    bench.sagemaker.delete_endpoint(EndpointName=name)
