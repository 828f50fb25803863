"""State that LocalStack loses and `localstack_host.py` stores, and events of S3."""

import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import boto3
import pytest

from offline_cloud import Cloud
from tests.patience import until


def client(cloud: Cloud, service: str) -> Any:
    return boto3.client(service, endpoint_url=cloud.environment["AWS_ENDPOINT_URL"], region_name="us-east-1")  # type: ignore[call-overload]


def test_alarms_keep_the_tags_that_they_are_put_with(cloud: Cloud) -> None:
    cloudwatch = client(cloud, "cloudwatch")
    tags = [{"Key": "owner", "Value": "ann"}]
    cloudwatch.put_metric_alarm(
        AlarmName="tagged",
        Namespace="tests",
        MetricName="m",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        Tags=tags,
    )
    cloudwatch.put_composite_alarm(AlarmName="both", AlarmRule='ALARM("tagged")', Tags=tags)
    found = cloudwatch.describe_alarms(AlarmNames=["tagged", "both"], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    for alarm in (*found["MetricAlarms"], *found["CompositeAlarms"]):
        assert cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"] == tags
    cloudwatch.delete_alarms(AlarmNames=["both", "tagged"])


def test_a_connection_shows_its_description(cloud: Cloud) -> None:
    events = client(cloud, "events")
    key = {"ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "value"}}
    given = {"AuthorizationType": "API_KEY", "AuthParameters": key}
    events.create_connection(Name="described", Description="ours", **given)
    events.create_connection(Name="plain", **given)
    assert events.describe_connection(Name="described")["Description"] == "ours"
    assert "Description" not in events.describe_connection(Name="plain")
    for name in ("described", "plain"):
        events.delete_connection(Name=name)


def test_a_repeated_client_token_creates_no_second_vpc_endpoint(cloud: Cloud) -> None:
    ec2 = client(cloud, "ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    wanted = {"VpcId": vpc, "ServiceName": "com.amazonaws.us-east-1.s3", "VpcEndpointType": "Gateway"}
    created = [ec2.create_vpc_endpoint(ClientToken=token, **wanted)["VpcEndpoint"] for token in ("a", "a", "b")]
    ids = [endpoint["VpcEndpointId"] for endpoint in created]
    assert ids[0] == ids[1] != ids[2]
    ec2.delete_vpc_endpoints(VpcEndpointIds=sorted(set(ids)))
    ec2.delete_vpc(VpcId=vpc)


@pytest.fixture
def announcing_bucket(cloud: Cloud) -> str:
    """A bucket that sends its events to EventBridge."""
    s3, name = client(cloud, "s3"), f"announcing-{uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name)
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}})
    return name


@pytest.fixture
def queue(cloud: Cloud) -> Iterator[str]:
    sqs = client(cloud, "sqs")
    url = sqs.create_queue(QueueName=f"events-{uuid4().hex[:8]}")["QueueUrl"]
    yield url
    sqs.delete_queue(QueueUrl=url)


@pytest.mark.parametrize("source", [["aws.s3"], [{"prefix": "aws."}], None], ids=["named", "by prefix", "any"])
def test_a_rule_gets_the_events_of_a_bucket(
    cloud: Cloud, announcing_bucket: str, queue: str, source: list[Any] | None
) -> None:
    events, sqs = client(cloud, "events"), client(cloud, "sqs")
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {"detail": {"bucket": {"name": [announcing_bucket]}}, **({"source": source} if source else {})}
    events.put_rule(Name=announcing_bucket, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=announcing_bucket, Targets=[{"Id": "queue", "Arn": arn}])
    client(cloud, "s3").put_object(Bucket=announcing_bucket, Key="key", Body=b"rows")
    [message] = until(lambda: sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages", []))
    event = json.loads(message["Body"])
    assert (event["detail-type"], event["detail"]["object"]["key"]) == ("Object Created", "key")
    events.remove_targets(Rule=announcing_bucket, Ids=["queue"])
    events.delete_rule(Name=announcing_bucket)


def test_log_events_are_those_of_the_streams_with_a_prefix(cloud: Cloud) -> None:
    logs, group = client(cloud, "logs"), f"/tests/{uuid4().hex}"
    logs.create_log_group(logGroupName=group)
    for stream in ("one/algo-1", "one/algo-2", "other/algo-1"):
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
        event = {"timestamp": int(1000 * time.time()), "message": f"line of {stream}"}
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event])

    def lines(**chosen: Any) -> set[str]:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, **chosen)
        return {event["message"] for page in pages for event in page["events"]}

    assert lines(logStreamNamePrefix="one/") == {"line of one/algo-1", "line of one/algo-2"}
    assert lines(logStreamNamePrefix="none") == set()
    assert len(lines()) == 3
    logs.delete_log_group(logGroupName=group)
