"""Creates single resources on the offline cloud, from the values of Terraform's state."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tasks.clients import client
from tasks.platform import seed_buckets
from tasks.platform.seed_types import Created, Values, tag_list


def _key(values: Values) -> Created:
    created = client("kms").create_key(
        Description=values["description"],
        Policy=values["policy"],
        KeySpec=values["customer_master_key_spec"],
        KeyUsage=values["key_usage"],
        Tags=[{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in tag_list(values)],
    )["KeyMetadata"]
    if created["KeyUsage"] == "ENCRYPT_DECRYPT":  # KMS rotates no other key
        client("kms").enable_key_rotation(KeyId=created["KeyId"])
    return {"arn": created["Arn"], "id": created["KeyId"]}


def _alias(values: Values) -> Created:
    client("kms").create_alias(AliasName=values["name"], TargetKeyId=values["target_key_id"])
    return {}


def _policy(values: Values) -> Created:
    client("iam").create_policy(
        PolicyName=values["name"],
        Description=values["description"],
        PolicyDocument=values["policy"],
        Tags=tag_list(values),
    )
    return {}


def _role(values: Values) -> Created:
    client("iam").create_role(
        RoleName=values["name"],
        Description=values["description"],
        AssumeRolePolicyDocument=values["assume_role_policy"],
        PermissionsBoundary=values["permissions_boundary"],
        MaxSessionDuration=values["max_session_duration"],
        Tags=tag_list(values),
    )
    return {}


def _role_policy(values: Values) -> Created:
    client("iam").put_role_policy(RoleName=values["role"], PolicyName=values["name"], PolicyDocument=values["policy"])
    return {}


def _topic(values: Values) -> Created:
    client("sns").create_topic(
        Name=values["name"],
        Attributes={"KmsMasterKeyId": values["kms_master_key_id"]},
        Tags=tag_list(values),
    )
    return {}


def _topic_policy(values: Values) -> Created:
    client("sns").set_topic_attributes(TopicArn=values["arn"], AttributeName="Policy", AttributeValue=values["policy"])
    return {}


def _log_group(values: Values) -> Created:
    logs, name = client("logs"), values["name"]
    # An earlier job may have created it, without a key; LocalStack has no AssociateKmsKey to add one.
    with suppress(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName=name, kmsKeyId=values["kms_key_id"], tags=dict(values["tags"]))
    logs.put_retention_policy(logGroupName=name, retentionInDays=values["retention_in_days"])
    return {}


def _alarm(values: Values) -> Created:
    optional = {
        "DatapointsToAlarm": values["datapoints_to_alarm"],
        "ExtendedStatistic": values["extended_statistic"],
        "Statistic": values["statistic"],
    }
    client("cloudwatch").put_metric_alarm(
        AlarmName=values["alarm_name"],
        AlarmDescription=values["alarm_description"],
        Namespace=values["namespace"],
        MetricName=values["metric_name"],
        Dimensions=[{"Name": name, "Value": value} for name, value in sorted(values["dimensions"].items())],
        Period=values["period"],
        EvaluationPeriods=values["evaluation_periods"],
        Threshold=values["threshold"],
        ComparisonOperator=values["comparison_operator"],
        TreatMissingData=values["treat_missing_data"],
        AlarmActions=values["alarm_actions"] or [],
        OKActions=values["ok_actions"] or [],
        Tags=tag_list(values),
        **{name: value for name, value in optional.items() if value},
    )
    return {}


def _model_package_group(values: Values) -> Created:
    client("sagemaker").create_model_package_group(
        ModelPackageGroupName=values["model_package_group_name"],
        ModelPackageGroupDescription=values["model_package_group_description"],
        Tags=tag_list(values),
    )
    return {}


def _vpc(values: Values) -> Created:
    created = client("ec2").create_vpc(
        CidrBlock=values["cidr_block"], TagSpecifications=_tag_specifications("vpc", values)
    )["Vpc"]
    return {"id": created["VpcId"]}


def _subnet(values: Values) -> Created:
    created = client("ec2").create_subnet(
        VpcId=values["vpc_id"],
        CidrBlock=values["cidr_block"],
        AvailabilityZone=values["availability_zone"],
        TagSpecifications=_tag_specifications("subnet", values),
    )
    return {"id": created["Subnet"]["SubnetId"]}


def _security_group(values: Values) -> Created:
    created = client("ec2").create_security_group(
        VpcId=values["vpc_id"],
        GroupName=values["name"],
        Description=values["description"],
        TagSpecifications=_tag_specifications("security-group", values),
    )
    return {"id": created["GroupId"]}


def _tag_specifications(kind: str, values: Values) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": tag_list(values)}]


def _database(values: Values) -> Created:
    client("glue").create_database(
        DatabaseInput={"Name": values["name"], "Description": values["description"]},
        Tags=dict(values["tags"]),
    )
    return {}


def _parameter(values: Values) -> Created:
    client("ssm").put_parameter(Name=values["name"], Value=values["value"], Type=values["type"], Overwrite=True)
    client("ssm").add_tags_to_resource(ResourceType="Parameter", ResourceId=values["name"], Tags=tag_list(values))
    return {}


CREATORS: dict[str, Callable[[Values], Created]] = {
    "aws_kms_key": _key,
    "aws_kms_alias": _alias,
    "aws_vpc": _vpc,
    "aws_subnet": _subnet,
    "aws_security_group": _security_group,
    **seed_buckets.CREATORS,
    "aws_iam_policy": _policy,
    "aws_iam_role": _role,
    "aws_iam_role_policy": _role_policy,
    "aws_sns_topic": _topic,
    "aws_sns_topic_policy": _topic_policy,
    "aws_cloudwatch_log_group": _log_group,
    "aws_cloudwatch_metric_alarm": _alarm,
    "aws_sagemaker_model_package_group": _model_package_group,
    "aws_glue_catalog_database": _database,
    "aws_ssm_parameter": _parameter,
}
"""The function that creates a resource, by Terraform's type, in the order of creation."""
