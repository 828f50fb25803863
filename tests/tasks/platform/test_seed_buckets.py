"""A bucket's settings, from Terraform's state to the responses of S3."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tasks import clients
from tasks.platform.seed_buckets import CREATORS
from tests.sagemaker_local.support import unique

KEY = "arn:aws:kms:us-east-1:000000000000:key/00000000-0000-0000-0000-000000000000"


@pytest.fixture
def name(bucket: str) -> Iterator[str]:
    """A separate bucket for the test."""
    name = unique("seeded")
    CREATORS["aws_s3_bucket"]({"bucket": name, "tags": {"Project": "vishwaops"}})
    yield name
    clients.s3().delete_bucket_policy(Bucket=name)
    clients.s3().delete_bucket(Bucket=name)


def create(kind: str, **values: Any) -> None:
    assert CREATORS[f"aws_s3_bucket_{kind}"](values) == {}


def test_a_bucket_has_its_tags(name: str) -> None:
    assert clients.s3().get_bucket_tagging(Bucket=name)["TagSet"] == [{"Key": "Project", "Value": "vishwaops"}]


def test_a_bucket_has_versioning_if_terraform_sets_it(name: str) -> None:
    assert "Status" not in clients.s3().get_bucket_versioning(Bucket=name)
    create("versioning", bucket=name, versioning_configuration=[{"status": "Enabled", "mfa_delete": ""}])
    assert clients.s3().get_bucket_versioning(Bucket=name)["Status"] == "Enabled"


@pytest.mark.parametrize(("algorithm", "key"), [("aws:kms", KEY), ("AES256", "")])
def test_a_bucket_is_encrypted_with_its_key_or_with_s3_s_own(name: str, algorithm: str, key: str) -> None:
    default = {"sse_algorithm": algorithm, "kms_master_key_id": key}
    rule = {"apply_server_side_encryption_by_default": [default], "bucket_key_enabled": bool(key)}
    create("server_side_encryption_configuration", bucket=name, rule=[rule])
    (found,) = clients.s3().get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    expected = {"SSEAlgorithm": algorithm} | ({"KMSMasterKeyID": key} if key else {})
    assert found["ApplyServerSideEncryptionByDefault"] == expected
    assert found["BucketKeyEnabled"] is bool(key)


def test_each_kind_of_public_access_is_blocked_by_itself(name: str) -> None:
    create(
        "public_access_block", bucket=name, block_public_acls=True, block_public_policy=False,
        ignore_public_acls=True, restrict_public_buckets=False,
    )  # fmt: skip
    assert clients.s3().get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True, "BlockPublicPolicy": False, "IgnorePublicAcls": True, "RestrictPublicBuckets": False,
    }  # fmt: skip


def test_ownership_policy_logging_and_events_are_set(name: str, bucket: str) -> None:
    create("ownership_controls", bucket=name, rule=[{"object_ownership": "BucketOwnerEnforced"}])
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket",
              "Resource": f"arn:aws:s3:::{name}"}]}  # fmt: skip
    create("policy", bucket=name, policy=json.dumps(policy))
    create("notification", bucket=name, eventbridge=True)
    s3 = clients.s3()
    (owner,) = s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"]
    assert owner["ObjectOwnership"] == "BucketOwnerEnforced"
    assert json.loads(s3.get_bucket_policy(Bucket=name)["Policy"]) == policy
    assert "EventBridgeConfiguration" in s3.get_bucket_notification_configuration(Bucket=name)
    create("notification", bucket=name, eventbridge=False)
    assert "EventBridgeConfiguration" not in s3.get_bucket_notification_configuration(Bucket=name)


def test_a_lifecycle_rule_has_only_the_parts_that_terraform_gave(name: str) -> None:
    whole = {
        "id": "whole", "status": "Enabled", "transition": [{"days": 90, "storage_class": "STANDARD_IA"}],
        "expiration": [{"days": 365}], "noncurrent_version_expiration": [{"noncurrent_days": 30}],
        "abort_incomplete_multipart_upload": [{"days_after_initiation": 7}],
    }  # fmt: skip
    parts = ("transition", "expiration", "noncurrent_version_expiration")
    small = {**whole, "id": "small", "status": "Disabled", **{part: [] for part in parts}}
    small["filter"] = [{"prefix": "grades/capture/"}]
    create("lifecycle_configuration", bucket=name, rule=[whole, small])
    rules = {rule["ID"]: rule for rule in clients.s3().get_bucket_lifecycle_configuration(Bucket=name)["Rules"]}
    assert [rules[name]["Filter"]["Prefix"] for name in ("whole", "small")] == ["", "grades/capture/"]
    assert rules["whole"]["Transitions"] == [{"Days": 90, "StorageClass": "STANDARD_IA"}]
    assert rules["whole"]["Expiration"]["Days"] == 365
    assert rules["whole"]["NoncurrentVersionExpiration"]["NoncurrentDays"] == 30
    assert rules["small"]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
    assert rules["small"]["Status"] == "Disabled"
    assert not {"Transitions", "Expiration", "NoncurrentVersionExpiration"} & rules["small"].keys()
