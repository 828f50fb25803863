"""EventBridge events: a rule on the offline bus gets each change of a status, in AWS's form."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from offline_cloud import Cloud
from tests.sagemaker_local.support import ACCOUNT, TRAIN, Bench, unique
from tests.sagemaker_local.test_registry import group, register

Collect = Callable[[str, Callable[[list[dict[str, Any]]], bool]], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def queue(cloud: Cloud) -> Iterator[str]:
    """A queue that every event of SageMaker goes to, by one rule of EventBridge."""

    sqs, events = client("sqs"), client("events")
    url = sqs.create_queue(QueueName=unique("events"))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    rule = unique("rule")
    events.put_rule(Name=rule, EventPattern=json.dumps({"source": ["aws.sagemaker"]}))
    events.put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": arn}])
    yield url
    events.remove_targets(Rule=rule, Ids=["queue"])
    events.delete_rule(Name=rule)
    sqs.delete_queue(QueueUrl=url)


def client(service: str) -> Any:
    make: Callable[..., Any] = boto3.client
    return make(service, region_name="us-east-1")


@pytest.fixture
def collect(queue: str) -> Collect:
    """The events about a resource, once there are `count` of them."""
    sqs = client("sqs")

    def collected(arn: str, enough: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for _ in range(15):
            answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            events = [json.loads(message["Body"]) for message in answer.get("Messages", [])]
            found += [event for event in events if event["resources"] == [arn]]
            if enough(found):
                return found
        raise AssertionError(f"not enough events: {found}")

    return collected


def statuses(events: list[dict[str, Any]], member: str) -> list[str]:
    return list(dict.fromkeys(event["detail"][member] for event in events))


def test_a_training_job_tells_each_step_of_its_way(bench: Bench, collect: Collect) -> None:
    job = bench.train(TRAIN, Tags=[{"Key": "team", "Value": "risk"}])
    events = collect(job["TrainingJobArn"], lambda found: "Completed" in statuses(found, "TrainingJobStatus"))
    assert statuses(events, "TrainingJobStatus") == ["InProgress", "Completed"]
    seen = statuses(events, "SecondaryStatus")
    assert seen[0] == "Starting"
    assert seen[-1] == "Completed"
    last = events[-1]
    assert (last["source"], last["detail-type"]) == ("aws.sagemaker", "SageMaker Training Job State Change")
    assert (last["account"], last["region"]) == (ACCOUNT, "us-east-1")
    assert last["detail"]["TrainingJobName"] == job["TrainingJobName"]
    assert last["detail"]["ModelArtifacts"] == job["ModelArtifacts"]
    assert last["detail"]["CreationTime"] == int(job["CreationTime"].timestamp() * 1000)
    assert last["detail"]["SecondaryStatusTransitions"][0]["StartTime"] > 10**12
    assert last["detail"]["Tags"] == {"team": "risk"}


def test_a_package_tells_its_approval(bench: Bench, collect: Collect) -> None:
    name = group(bench)
    arn = register(bench, name, CustomerMetadataProperties={"rows": "3010"})
    bench.sagemaker.update_model_package(ModelPackageArn=arn, CustomerMetadataProperties={"rows": "3011"})
    bench.sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    events = collect(arn, lambda found: len(found) >= 2)
    assert statuses(events, "ModelApprovalStatus") == ["PendingManualApproval", "Approved"]
    assert {event["detail-type"] for event in events} == {"SageMaker Model Package State Change"}
    detail = events[-1]["detail"]
    assert (detail["ModelPackageGroupName"], detail["ModelPackageVersion"]) == (name, 1)
    assert detail["CustomerMetadataProperties"] == {"rows": "3011"}
    created = bench.sagemaker.describe_model_package(ModelPackageName=arn)["CreationTime"]
    assert detail["CreationTime"] == created.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert "Tags" not in detail
    assert len(events) == 2


def test_an_endpoint_tells_its_states_in_capitals(bench: Bench, collect: Collect) -> None:
    name = bench.endpoint(bench.config(v=(bench.model(), 1.0)))
    arn = bench.sagemaker.describe_endpoint(EndpointName=name)["EndpointArn"]
    bench.sagemaker.delete_endpoint(EndpointName=name)
    events = collect(arn, lambda found: "DELETING" in statuses(found, "EndpointStatus"))
    assert statuses(events, "EndpointStatus") == ["CREATING", "IN_SERVICE", "DELETING"]
    assert {event["detail-type"] for event in events} == {"SageMaker Endpoint State Change"}
    assert events[1]["detail"]["ProductionVariants"][0]["DesiredWeight"] == 1.0
