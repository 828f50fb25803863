"""Creates S3 buckets and their settings on the offline cloud, from the values of Terraform's state."""

from collections.abc import Callable
from typing import Any

from tasks.clients import client
from tasks.platform.seed_types import Created, Values, tag_list


def _bucket(values: Values) -> Created:
    client("s3").create_bucket(Bucket=values["bucket"])
    client("s3").put_bucket_tagging(Bucket=values["bucket"], Tagging={"TagSet": tag_list(values)})
    return {}


def _versioning(values: Values) -> Created:
    status = values["versioning_configuration"][0]["status"]
    client("s3").put_bucket_versioning(Bucket=values["bucket"], VersioningConfiguration={"Status": status})
    return {}


def _encryption(values: Values) -> Created:
    rule = values["rule"][0]
    default = rule["apply_server_side_encryption_by_default"][0]
    encryption = {"SSEAlgorithm": default["sse_algorithm"], "KMSMasterKeyID": default["kms_master_key_id"]}
    client("s3").put_bucket_encryption(
        Bucket=values["bucket"],
        ServerSideEncryptionConfiguration={
            "Rules": [
                {
                    "ApplyServerSideEncryptionByDefault": {name: value for name, value in encryption.items() if value},
                    "BucketKeyEnabled": bool(rule["bucket_key_enabled"]),
                }
            ]
        },
    )
    return {}


def _public_access(values: Values) -> Created:
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


def _ownership(values: Values) -> Created:
    rules = [{"ObjectOwnership": rule["object_ownership"]} for rule in values["rule"]]
    client("s3").put_bucket_ownership_controls(Bucket=values["bucket"], OwnershipControls={"Rules": rules})
    return {}


def _bucket_policy(values: Values) -> Created:
    client("s3").put_bucket_policy(Bucket=values["bucket"], Policy=values["policy"])
    return {}


def _bucket_logging(values: Values) -> Created:
    target = {"TargetBucket": values["target_bucket"], "TargetPrefix": values["target_prefix"]}
    client("s3").put_bucket_logging(Bucket=values["bucket"], BucketLoggingStatus={"LoggingEnabled": target})
    return {}


def _notification(values: Values) -> Created:
    events: dict[str, Any] = {"EventBridgeConfiguration": {}} if values["eventbridge"] else {}
    client("s3").put_bucket_notification_configuration(Bucket=values["bucket"], NotificationConfiguration=events)
    return {}


def _lifecycle(values: Values) -> Created:
    client("s3").put_bucket_lifecycle_configuration(
        Bucket=values["bucket"], LifecycleConfiguration={"Rules": [_lifecycle_rule(rule) for rule in values["rule"]]}
    )
    return {}


def _lifecycle_rule(rule: Values) -> dict[str, Any]:
    created: dict[str, Any] = {"ID": rule["id"], "Status": rule["status"], "Filter": {"Prefix": _prefix_of(rule)}}
    if rule["transition"]:
        created["Transitions"] = [
            {"Days": step["days"], "StorageClass": step["storage_class"]} for step in rule["transition"]
        ]
    for part in rule["expiration"]:
        created["Expiration"] = {"Days": part["days"]}
    for part in rule["noncurrent_version_expiration"]:
        created["NoncurrentVersionExpiration"] = {"NoncurrentDays": part["noncurrent_days"]}
    for part in rule["abort_incomplete_multipart_upload"]:
        created["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": part["days_after_initiation"]}
    return created


def _prefix_of(rule: Values) -> str:
    """The prefix of the objects of a rule; the empty one is all objects."""
    return next((str(part["prefix"] or "") for part in rule.get("filter", []) if part), "")


CREATORS: dict[str, Callable[[Values], Created]] = {
    "aws_s3_bucket": _bucket,
    "aws_s3_bucket_versioning": _versioning,
    "aws_s3_bucket_server_side_encryption_configuration": _encryption,
    "aws_s3_bucket_public_access_block": _public_access,
    "aws_s3_bucket_ownership_controls": _ownership,
    "aws_s3_bucket_policy": _bucket_policy,
    "aws_s3_bucket_logging": _bucket_logging,
    "aws_s3_bucket_notification": _notification,
    "aws_s3_bucket_lifecycle_configuration": _lifecycle,
}
"""The function that creates a resource, by Terraform's type, in the order of creation."""
