"""State that LocalStack loses and `localstack_host.py` stores."""

from typing import Any

import boto3

from offline_cloud import Cloud


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
