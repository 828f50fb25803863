"""Events of a pipeline execution: its own statuses and those of its steps."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from offline_cloud import Cloud
from tests.sagemaker_local.pipeline_support import condition, create, definition, ended, start, training
from tests.sagemaker_local.support import Bench, unique, until

EXECUTION = "SageMaker Model Building Pipeline Execution Status Change"
STEP = "SageMaker Model Building Pipeline Execution Step Status Change"


def client(cloud: Cloud, service: str) -> Any:
    address = cloud.environment["AWS_ENDPOINT_URL"]
    make: Any = boto3.session.Session().client
    return make(service, region_name="us-east-1", endpoint_url=address)


@pytest.fixture
def queue(cloud: Cloud) -> Iterator[str]:
    """A queue that the events of pipelines go to, by a rule of EventBridge."""
    sqs, events, rule = client(cloud, "sqs"), client(cloud, "events"), unique("rule")
    url = str(sqs.create_queue(QueueName=rule)["QueueUrl"])
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name=rule, EventPattern=json.dumps({"detail-type": [EXECUTION, STEP]}))
    events.put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": arn}])
    yield url
    events.remove_targets(Rule=rule, Ids=["queue"])
    events.delete_rule(Name=rule)
    sqs.delete_queue(QueueUrl=url)


def test_an_execution_and_its_steps_tell_their_statuses(bench: Bench, cloud: Cloud, queue: str) -> None:
    sqs = client(cloud, "sqs")
    train = training(bench, "Train", "raise SystemExit(3)", DependsOn=["Check"])
    arn = start(bench, create(bench, definition(condition("Check"), train)), PipelineExecutionDisplayName="nightly")
    ended(bench, arn)
    found: list[dict[str, Any]] = []

    def collect() -> list[dict[str, Any]]:
        answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
        events = [json.loads(message["Body"]) for message in answer.get("Messages", [])]
        found.extend(event for event in events if arn in event["resources"])
        return found

    until(collect, lambda events: len(events) >= 5)
    own = {
        event["detail"]["currentPipelineExecutionStatus"]: event for event in found if event["detail-type"] == EXECUTION
    }
    assert set(own) == {"Executing", "Failed"}
    last = own["Failed"]
    pipeline = arn.split("/execution/")[0]
    assert (last["source"], last["resources"]) == ("aws.sagemaker", [pipeline, arn])
    assert last["detail"]["pipelineExecutionDisplayName"] == "nightly"
    assert last["detail"]["previousPipelineExecutionStatus"] == "Executing"
    assert last["detail"]["executionStartTime"] <= last["detail"]["executionEndTime"]
    steps = {
        (event["detail"]["stepName"], event["detail"]["currentStepStatus"]): event["detail"]
        for event in found
        if event["detail-type"] == STEP
    }
    assert set(steps) == {("Check", "Succeeded"), ("Train", "Executing"), ("Train", "Failed")}
    failed = steps["Train", "Failed"]
    assert (failed["stepType"], failed["previousStepStatus"]) == ("Training", "Executing")
    assert failed["failureReason"].startswith("ClientError: AlgorithmError")
    assert ":training-job/pipelines-" in failed["metadata"]["trainingJob"]["arn"]
    assert steps["Check", "Succeeded"]["metadata"] == {"condition": {"outcome": "True"}}
