"""Callback steps: a message in a queue, the answer, and its output parameters."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from offline_cloud import Cloud
from tests.sagemaker_local.pipeline_support import (
    compare,
    condition,
    create,
    definition,
    described,
    ended,
    fail,
    start,
    step,
    steps,
)
from tests.sagemaker_local.support import Bench, unique, until


class Queue:
    """An SQS queue of the cloud."""

    def __init__(self, cloud: Cloud) -> None:
        address = cloud.environment["AWS_ENDPOINT_URL"]
        self._sqs: Any = boto3.session.Session().client("sqs", region_name="us-east-1", endpoint_url=address)
        self.url = self._sqs.create_queue(QueueName=unique("callbacks"))["QueueUrl"]

    def message(self) -> dict[str, Any]:
        """The next message, once it has arrived."""
        found = until(lambda: self._sqs.receive_message(QueueUrl=self.url).get("Messages"), bool)
        self._sqs.delete_message(QueueUrl=self.url, ReceiptHandle=found[0]["ReceiptHandle"])
        return dict(json.loads(found[0]["Body"]))


@pytest.fixture
def queue(bench: Bench, cloud: Cloud) -> Queue:
    return Queue(cloud)


def asking(queue: Queue) -> str:
    """Sends a message, and continues only if the answer is more than 10 rows."""
    outputs = [{"OutputName": "rows", "OutputType": "Integer"}]
    arguments = {"data": {"Std:Join": {"On": "/", "Values": ["s3:/", "bucket", {"Get": "Execution.PipelineName"}]}}}
    rows = {"Get": "Steps.Ask.OutputParameters['rows']"}
    return definition(
        step("Ask", "Callback", arguments, SqsQueueUrl=queue.url, OutputParameters=outputs),
        condition("Enough", compare("GreaterThan", rows, 10), otherwise=[fail("TooFew")]),
    )


def test_a_callback_step_waits_for_its_answer_and_hands_on_the_outputs(bench: Bench, queue: Queue) -> None:
    name = create(bench, asking(queue))
    arn = start(bench, name)
    message = queue.message()
    assert message == {
        "token": message["token"],
        "pipelineExecutionArn": arn,
        "arguments": {"data": f"s3://bucket/{name}"},
        "status": "Executing",
    }
    assert steps(bench, arn)["Ask"]["StepStatus"] == "Executing"
    outputs = [{"Name": "rows", "Value": "12"}]
    answer = bench.sagemaker.send_pipeline_execution_step_success(
        CallbackToken=message["token"], OutputParameters=outputs
    )
    assert answer["PipelineExecutionArn"] == arn
    assert ended(bench, arn)["PipelineExecutionStatus"] == "Succeeded"
    ran = steps(bench, arn)
    assert ran["Enough"]["Metadata"] == {"Condition": {"Outcome": "True"}}
    assert ran["Ask"]["Metadata"]["Callback"] == {
        "CallbackToken": message["token"],
        "SqsQueueUrl": queue.url,
        "OutputParameters": outputs,
    }


def test_bad_news_fails_the_step(bench: Bench, queue: Queue) -> None:
    arn = start(bench, create(bench, asking(queue)))
    token = queue.message()["token"]
    bench.sagemaker.send_pipeline_execution_step_failure(CallbackToken=token, FailureReason="no rows came")
    assert ended(bench, arn)["PipelineExecutionStatus"] == "Failed"
    assert steps(bench, arn)["Ask"]["FailureReason"] == "no rows came"
    with pytest.raises(ClientError) as refused:
        bench.sagemaker.send_pipeline_execution_step_success(CallbackToken=token)
    assert refused.value.response["Error"]["Code"] == "ResourceNotFound"


def test_a_stop_is_told_to_the_queue_and_waits_for_the_answer(bench: Bench, queue: Queue) -> None:
    arn = start(bench, create(bench, asking(queue)))
    token = queue.message()["token"]
    bench.sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
    message = queue.message()
    assert (message["token"], message["status"]) == (token, "Stopping")
    assert described(bench, arn)["PipelineExecutionStatus"] == "Stopping"
    bench.sagemaker.send_pipeline_execution_step_success(CallbackToken=token)
    assert ended(bench, arn)["PipelineExecutionStatus"] == "Stopped"
    assert set(steps(bench, arn)) == {"Ask"}


def test_a_queue_that_is_not_there_fails_the_step(bench: Bench, queue: Queue) -> None:
    queue.url = queue.url.replace("callbacks-", "nowhere-")
    arn = start(bench, create(bench, asking(queue)))
    assert ended(bench, arn)["PipelineExecutionStatus"] == "Failed"
    assert steps(bench, arn)["Ask"]["FailureReason"].startswith("ClientError: Failed to invoke sqs:SendMessage.")
