"""Makes single resources on the offline cloud from the values that Terraform's state has of them."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from tasks.clients import client

Values = Mapping[str, Any]
Made = dict[str, str]
"""The ids and ARNs that others refer to and that nobody knows before."""


def _tags(values: Values) -> list[dict[str, str]]:
    return [{"Key": name, "Value": value} for name, value in sorted((values.get("tags") or {}).items())]


def _key(values: Values) -> Made:
    made = client("kms").create_key(
        Description=values["description"],
        Policy=values["policy"],
        Tags=[{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in _tags(values)],
    )["KeyMetadata"]
    client("kms").enable_key_rotation(KeyId=made["KeyId"])
    return {"arn": made["Arn"], "id": made["KeyId"]}


def _alias(values: Values) -> Made:
    client("kms").create_alias(AliasName=values["name"], TargetKeyId=values["target_key_id"])
    return {}


def _bucket(values: Values) -> Made:
    client("s3").create_bucket(Bucket=values["bucket"])
    client("s3").put_bucket_tagging(Bucket=values["bucket"], Tagging={"TagSet": _tags(values)})
    return {}


def _versioning(values: Values) -> Made:
    status = values["versioning_configuration"][0]["status"]
    client("s3").put_bucket_versioning(Bucket=values["bucket"], VersioningConfiguration={"Status": status})
    return {}


def _encryption(values: Values) -> Made:
    rule = values["rule"][0]
    default = rule["apply_server_side_encryption_by_default"][0]
    how = {"SSEAlgorithm": default["sse_algorithm"], "KMSMasterKeyID": default["kms_master_key_id"]}
    client("s3").put_bucket_encryption(
        Bucket=values["bucket"],
        ServerSideEncryptionConfiguration={
            "Rules": [
                {
                    "ApplyServerSideEncryptionByDefault": {name: value for name, value in how.items() if value},
                    "BucketKeyEnabled": bool(rule["bucket_key_enabled"]),
                }
            ]
        },
    )
    return {}


def _public_access(values: Values) -> Made:
    client("s3").put_public_access_block(
        Bucket=values["bucket"],
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": values["block_public_acls"],
            "BlockPublicPolicy": values["block_public_policy"],
            "IgnorePublicAcls": values["ignore_public_acls"],
            "RestrictPublicBuckets": values["restrict_public_buckets"],
        },
    )
    return {}


def _ownership(values: Values) -> Made:
    rules = [{"ObjectOwnership": rule["object_ownership"]} for rule in values["rule"]]
    client("s3").put_bucket_ownership_controls(Bucket=values["bucket"], OwnershipControls={"Rules": rules})
    return {}


def _bucket_policy(values: Values) -> Made:
    client("s3").put_bucket_policy(Bucket=values["bucket"], Policy=values["policy"])
    return {}


def _bucket_logging(values: Values) -> Made:
    where = {"TargetBucket": values["target_bucket"], "TargetPrefix": values["target_prefix"]}
    client("s3").put_bucket_logging(Bucket=values["bucket"], BucketLoggingStatus={"LoggingEnabled": where})
    return {}


def _notification(values: Values) -> Made:
    events: dict[str, Any] = {"EventBridgeConfiguration": {}} if values["eventbridge"] else {}
    client("s3").put_bucket_notification_configuration(Bucket=values["bucket"], NotificationConfiguration=events)
    return {}


def _lifecycle(values: Values) -> Made:
    client("s3").put_bucket_lifecycle_configuration(
        Bucket=values["bucket"], LifecycleConfiguration={"Rules": [_lifecycle_rule(rule) for rule in values["rule"]]}
    )
    return {}


def _lifecycle_rule(rule: Values) -> dict[str, Any]:
    made: dict[str, Any] = {"ID": rule["id"], "Status": rule["status"], "Filter": {"Prefix": ""}}
    if rule["transition"]:
        made["Transitions"] = [
            {"Days": step["days"], "StorageClass": step["storage_class"]} for step in rule["transition"]
        ]
    for part in rule["expiration"]:
        made["Expiration"] = {"Days": part["days"]}
    for part in rule["noncurrent_version_expiration"]:
        made["NoncurrentVersionExpiration"] = {"NoncurrentDays": part["noncurrent_days"]}
    for part in rule["abort_incomplete_multipart_upload"]:
        made["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": part["days_after_initiation"]}
    return made


def _policy(values: Values) -> Made:
    client("iam").create_policy(
        PolicyName=values["name"],
        Description=values["description"],
        PolicyDocument=values["policy"],
        Tags=_tags(values),
    )
    return {}


def _role(values: Values) -> Made:
    client("iam").create_role(
        RoleName=values["name"],
        Description=values["description"],
        AssumeRolePolicyDocument=values["assume_role_policy"],
        PermissionsBoundary=values["permissions_boundary"],
        MaxSessionDuration=values["max_session_duration"],
        Tags=_tags(values),
    )
    return {}


def _role_policy(values: Values) -> Made:
    client("iam").put_role_policy(RoleName=values["role"], PolicyName=values["name"], PolicyDocument=values["policy"])
    return {}


def _topic(values: Values) -> Made:
    client("sns").create_topic(
        Name=values["name"],
        Attributes={"KmsMasterKeyId": values["kms_master_key_id"]},
        Tags=_tags(values),
    )
    return {}


def _topic_policy(values: Values) -> Made:
    client("sns").set_topic_attributes(TopicArn=values["arn"], AttributeName="Policy", AttributeValue=values["policy"])
    return {}


def _log_group(values: Values) -> Made:
    logs, name = client("logs"), values["name"]
    # A job that ran before has made it, without a key; LocalStack has no AssociateKmsKey to give it one.
    with suppress(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName=name, kmsKeyId=values["kms_key_id"], tags=dict(values["tags"]))
    logs.put_retention_policy(logGroupName=name, retentionInDays=values["retention_in_days"])
    return {}


def _alarm(values: Values) -> Made:
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
        Tags=_tags(values),
        **{name: value for name, value in optional.items() if value},
    )
    return {}


def _model_package_group(values: Values) -> Made:
    client("sagemaker").create_model_package_group(
        ModelPackageGroupName=values["model_package_group_name"],
        ModelPackageGroupDescription=values["model_package_group_description"],
        Tags=_tags(values),
    )
    return {}


def _vpc(values: Values) -> Made:
    made = client("ec2").create_vpc(CidrBlock=values["cidr_block"], TagSpecifications=_tagged("vpc", values))["Vpc"]
    return {"id": made["VpcId"]}


def _subnet(values: Values) -> Made:
    made = client("ec2").create_subnet(
        VpcId=values["vpc_id"],
        CidrBlock=values["cidr_block"],
        AvailabilityZone=values["availability_zone"],
        TagSpecifications=_tagged("subnet", values),
    )
    return {"id": made["Subnet"]["SubnetId"]}


def _security_group(values: Values) -> Made:
    made = client("ec2").create_security_group(
        VpcId=values["vpc_id"],
        GroupName=values["name"],
        Description=values["description"],
        TagSpecifications=_tagged("security-group", values),
    )
    return {"id": made["GroupId"]}


def _tagged(kind: str, values: Values) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": _tags(values)}]


def _parameter(values: Values) -> Made:
    client("ssm").put_parameter(Name=values["name"], Value=values["value"], Type=values["type"], Overwrite=True)
    client("ssm").add_tags_to_resource(ResourceType="Parameter", ResourceId=values["name"], Tags=_tags(values))
    return {}


MAKERS: dict[str, Callable[[Values], Made]] = {
    "aws_kms_key": _key,
    "aws_kms_alias": _alias,
    "aws_vpc": _vpc,
    "aws_subnet": _subnet,
    "aws_security_group": _security_group,
    "aws_s3_bucket": _bucket,
    "aws_s3_bucket_versioning": _versioning,
    "aws_s3_bucket_server_side_encryption_configuration": _encryption,
    "aws_s3_bucket_public_access_block": _public_access,
    "aws_s3_bucket_ownership_controls": _ownership,
    "aws_s3_bucket_policy": _bucket_policy,
    "aws_s3_bucket_logging": _bucket_logging,
    "aws_s3_bucket_notification": _notification,
    "aws_s3_bucket_lifecycle_configuration": _lifecycle,
    "aws_iam_policy": _policy,
    "aws_iam_role": _role,
    "aws_iam_role_policy": _role_policy,
    "aws_sns_topic": _topic,
    "aws_sns_topic_policy": _topic_policy,
    "aws_cloudwatch_log_group": _log_group,
    "aws_cloudwatch_metric_alarm": _alarm,
    "aws_sagemaker_model_package_group": _model_package_group,
    "aws_ssm_parameter": _parameter,
}
"""By Terraform's type, in the order in which they are made."""
