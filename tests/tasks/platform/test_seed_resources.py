"""Single resources, from Terraform's state to the responses of AWS's APIs."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tasks import clients
from tasks.platform import seed
from tasks.platform.seed_buckets import CREATORS as OF_BUCKETS
from tasks.platform.seed_resources import CREATORS
from tests.sagemaker_local.support import unique

TAGS = {"Project": "vishwaops"}
ENCRYPTS = {"customer_master_key_spec": "SYMMETRIC_DEFAULT", "key_usage": "ENCRYPT_DECRYPT"}
TAG_LIST = [{"Key": "Project", "Value": "vishwaops"}]
ALARM: dict[str, Any] = {
    "alarm_description": "A feature has drifted", "namespace": "vishwaops/offline", "metric_name": "MaximumPSI",
    "dimensions": {"UseCase": "b", "Feature": "a"}, "period": 3600, "evaluation_periods": 2, "threshold": 0.25,
    "comparison_operator": "GreaterThanThreshold", "treat_missing_data": "notBreaching", "alarm_actions": None,
    "ok_actions": None, "datapoints_to_alarm": 0, "extended_statistic": "", "statistic": "Maximum", "tags": TAGS,
}  # fmt: skip


@pytest.fixture
def vpc(bucket: str) -> Iterator[str]:
    """A separate VPC for the test."""
    ec2 = clients.client("ec2")
    created = CREATORS["aws_vpc"]({"cidr_block": "10.77.0.0/16", "tags": TAGS})["id"]
    yield created
    for group in ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [created]}])["SecurityGroups"]:
        if group["GroupName"] != "default":
            ec2.delete_security_group(GroupId=group["GroupId"])
    for subnet in ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [created]}])["Subnets"]:
        ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    ec2.delete_vpc(VpcId=created)


def test_what_is_seeded_can_be_created_and_buckets_after_their_keys() -> None:
    wanted = {resource["type"] for part in seed._content().values() for resource in part}
    assert wanted <= CREATORS.keys()
    order = list(CREATORS)
    assert OF_BUCKETS.keys() < CREATORS.keys()
    assert order.index("aws_kms_key") < order.index("aws_s3_bucket") < order.index("aws_ssm_parameter")


def test_a_subnet_and_a_security_group_are_in_the_vpc_that_was_created_for_them(vpc: str) -> None:
    ec2 = clients.client("ec2")
    subnet = CREATORS["aws_subnet"](
        {"vpc_id": vpc, "cidr_block": "10.77.1.0/24", "availability_zone": "us-east-1a", "tags": TAGS}
    )["id"]
    group = CREATORS["aws_security_group"]({"vpc_id": vpc, "name": "g", "description": "Jobs", "tags": TAGS})["id"]
    (found,) = ec2.describe_subnets(SubnetIds=[subnet])["Subnets"]
    assert (found["VpcId"], found["CidrBlock"], found["Tags"]) == (vpc, "10.77.1.0/24", TAG_LIST)
    (found,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    assert (found["VpcId"], found["GroupName"], found["Tags"]) == (vpc, "g", TAG_LIST)


def test_a_key_rotates_and_is_found_by_its_alias(bucket: str) -> None:
    kms, alias = clients.client("kms"), f"alias/{unique('seeded')}"
    policy = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "kms:*", "Resource": "*"}
    ]}  # fmt: skip
    created = CREATORS["aws_kms_key"]({**ENCRYPTS, "description": "A key", "policy": json.dumps(policy), "tags": TAGS})
    assert CREATORS["aws_kms_alias"]({"name": alias, "target_key_id": created["id"]}) == {}
    try:
        assert kms.describe_key(KeyId=alias)["KeyMetadata"]["Arn"] == created["arn"]
        assert kms.get_key_rotation_status(KeyId=created["id"])["KeyRotationEnabled"]
    finally:
        kms.delete_alias(AliasName=alias)
        kms.schedule_key_deletion(KeyId=created["id"])


@pytest.mark.parametrize(
    ("changes", "statistic"),
    [({}, {"Statistic": "Maximum"}), ({"statistic": "", "extended_statistic": "p99"}, {"ExtendedStatistic": "p99"})],
)
def test_an_alarm_has_the_statistic_that_terraform_gave_and_no_other(
    bucket: str, changes: dict[str, Any], statistic: dict[str, str]
) -> None:
    cloudwatch, name = clients.cloudwatch(), unique("seeded")
    CREATORS["aws_cloudwatch_metric_alarm"]({**ALARM, **changes, "alarm_name": name})
    try:
        (found,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    finally:
        cloudwatch.delete_alarms(AlarmNames=[name])
    kinds = {"Statistic", "ExtendedStatistic", "DatapointsToAlarm"}
    assert {key: value for key, value in found.items() if key in kinds and value} == statistic
    assert found["Dimensions"] == [{"Name": "Feature", "Value": "a"}, {"Name": "UseCase", "Value": "b"}]
    assert found["AlarmActions"] == []


def test_a_parameter_is_written_again_over_an_older_one(bucket: str) -> None:
    ssm, name = clients.ssm(), f"/vishwaops-test/{unique('seeded')}"
    for value in ("old", "new"):
        CREATORS["aws_ssm_parameter"]({"name": name, "value": value, "type": "String", "tags": TAGS})
    try:
        assert ssm.get_parameter(Name=name)["Parameter"]["Value"] == "new"
        tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
        assert tags == TAG_LIST
    finally:
        ssm.delete_parameter(Name=name)


def test_a_topic_takes_its_policy(bucket: str) -> None:
    sns, name = clients.client("sns"), unique("seeded")
    arn = f"arn:aws:sns:us-east-1:000000000000:{name}"
    policy = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "budgets.amazonaws.com"}, "Action": "sns:Publish", "Resource": arn}
    ]}  # fmt: skip
    CREATORS["aws_sns_topic"]({"name": name, "kms_master_key_id": "alias/aws/sns", "tags": TAGS})
    CREATORS["aws_sns_topic_policy"]({"arn": arn, "policy": json.dumps(policy)})
    try:
        assert json.loads(sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"]) == policy
        assert sns.list_tags_for_resource(ResourceArn=arn)["Tags"] == TAG_LIST
    finally:
        sns.delete_topic(TopicArn=arn)


def test_a_group_of_versions_has_its_description_and_tags(bucket: str) -> None:
    sagemaker, name = clients.sagemaker(), unique("seeded")
    CREATORS["aws_sagemaker_model_package_group"](
        {"model_package_group_name": name, "model_package_group_description": "Versions", "tags": TAGS}
    )
    try:
        found = sagemaker.describe_model_package_group(ModelPackageGroupName=name)
        assert found["ModelPackageGroupDescription"] == "Versions"
        assert sagemaker.list_tags(ResourceArn=found["ModelPackageGroupArn"])["Tags"] == TAG_LIST
    finally:
        sagemaker.delete_model_package_group(ModelPackageGroupName=name)
