"""Which services may use the keys: without its key, a service drops a message or a log without a word."""

import json

import pytest

from tasks.platform.terraform_plan import plan
from tests.terraform.iam import Context, Request, Statement, allowed
from tests.terraform.terraform_runs import needs_terraform

ACCOUNT = "222222222222"
OWN, OTHER = {"aws:SourceAccount": ACCOUNT}, {"aws:SourceAccount": "999999999999"}
LOG = "kms:EncryptionContext:aws:logs:arn"
TRAIL = ("audit_key", "cloudtrail.amazonaws.com")

MAY: list[tuple[str, str, Context]] = [
    ("operations_key", "cloudwatch.amazonaws.com", OWN),
    (
        "operations_key",
        "events.amazonaws.com",
        {},
    ),  # it names no account (Amazon SNS Developer Guide, "Key management")
    ("operations_key", "budgets.amazonaws.com", OWN),
    ("operations_key", "costalerts.amazonaws.com", OWN),
    ("operations_key", "costalerts.amazonaws.com", {}),
    ("operations_key", "logs.us-east-1.amazonaws.com", {LOG: f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/x"}),
    (*TRAIL, OWN),
]
MAY_NOT: list[tuple[str, str, Context]] = [
    ("operations_key", "cloudwatch.amazonaws.com", OTHER),
    ("operations_key", "budgets.amazonaws.com", OTHER),
    ("operations_key", "costalerts.amazonaws.com", OTHER),
    ("operations_key", "logs.us-east-1.amazonaws.com", {LOG: "arn:aws:logs:us-east-1:999999999999:log-group:/x"}),
    ("operations_key", "cloudtrail.amazonaws.com", OWN),
    ("data_key", "events.amazonaws.com", {}),
    (*TRAIL, OTHER),
]

pytestmark = [needs_terraform, pytest.mark.usefixtures("aws_provider")]


def may_encrypt(key: str, service: str, context: Context) -> bool:
    """Whether prod's key lets the service make a data key, as its policy says."""
    address = f"module.storage.module.{key}[0].aws_kms_key.this"
    (found,) = (each.values["policy"] for each in plan("prod") if each.address == address)
    statements: list[Statement] = json.loads(found)["Statement"]
    own = [each for each in statements if each["Principal"] == {"Service": service}]
    return allowed(Request("kms:GenerateDataKey", "*", context), own)


@pytest.mark.parametrize(("key", "service", "context"), MAY)
def test_a_service_may_use_the_key_of_what_it_writes(key: str, service: str, context: Context) -> None:
    assert may_encrypt(key, service, context)


@pytest.mark.parametrize(("key", "service", "context"), MAY_NOT)
def test_no_service_may_use_a_key_for_another_account_or_purpose(key: str, service: str, context: Context) -> None:
    assert not may_encrypt(key, service, context)
