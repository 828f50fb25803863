"""What AWS refuses at an apply although Terraform validates and plans it: characters, lengths, counts."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tasks.platform.terraform_plan import plan
from tasks.platform.terraform_resources import PlannedResource
from tests.terraform.terraform_runs import needs_terraform

Check = Callable[[Any], bool]
DAY = 86_400


def text(pattern: str) -> Check:
    return lambda value: re.fullmatch(pattern, value) is not None


def at_most(length: int) -> Check:
    return lambda value: len(value) <= length


# EC2, CreateSecurityGroup and AuthorizeSecurityGroupIngress: the characters of a description.
EC2_TEXT = text(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{0,255}")
# The strictest of the services (IAM, Tag): letters, digits, spaces and these.
TAG_TEXT = text(r"[\w .:/=+\-@]{0,256}")

ATTRIBUTES: dict[tuple[str, str], Check] = {
    ("aws_security_group", "description"): EC2_TEXT,
    ("aws_vpc_security_group_egress_rule", "description"): EC2_TEXT,
    ("aws_vpc_security_group_ingress_rule", "description"): EC2_TEXT,
    ("aws_iam_role", "description"): text(r"[\t\n\r\x20-\x7e\xa1-\xff]{0,1000}"),
    ("aws_iam_role", "assume_role_policy"): at_most(2_048),
    ("aws_cloudwatch_metric_alarm", "alarm_description"): at_most(1_024),
    ("aws_cloudwatch_event_rule", "name"): text(r"[.\-_A-Za-z0-9]{1,64}"),
    ("aws_cloudwatch_event_rule", "description"): at_most(512),
    ("aws_cloudwatch_event_rule", "event_pattern"): at_most(2_048),  # more needs a higher quota
    ("aws_scheduler_schedule", "name"): text(r"[\-_.0-9a-zA-Z]{1,64}"),
    ("aws_sqs_queue", "name"): text(r"[\-_0-9a-zA-Z]{1,80}"),
    ("aws_ssm_parameter", "value"): at_most(4_096),
    ("aws_sagemaker_feature_group", "feature_group_name"): text(r"[a-zA-Z0-9]([_-]*[a-zA-Z0-9]){0,63}"),
    ("aws_sagemaker_model_package_group", "model_package_group_name"): text(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"),
}


def refused(resources: tuple[PlannedResource, ...]) -> Iterator[str]:
    for resource in resources:
        for (kind, attribute), accepts in ATTRIBUTES.items():
            value = resource.values.get(attribute) if resource.type == kind else None
            if value is not None and not accepts(value):
                yield f"{resource.address}: {attribute}: {value}"
        for key, value in (resource.values.get("tags") or {}).items():
            if not TAG_TEXT(value):
                yield f"{resource.address}: tag {key}: {value}"


@pytest.mark.usefixtures("aws_provider")
@needs_terraform
@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_aws_accepts_every_text_and_name_of_a_plan(environment: str) -> None:
    assert sorted(refused(plan(environment))) == []


@pytest.mark.usefixtures("aws_provider")
@needs_terraform
@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_no_alarm_looks_back_further_than_cloudwatch_does(environment: str) -> None:
    alarms = [each.values for each in plan(environment) if each.type == "aws_cloudwatch_metric_alarm"]
    assert alarms
    for alarm in alarms:  # PutMetricAlarm: a day, or seven days with periods of an hour or more
        longest = 7 * DAY if alarm["period"] >= 3_600 else DAY
        assert alarm["period"] * alarm["evaluation_periods"] <= longest, alarm["alarm_name"]


@pytest.mark.parametrize(
    ("kind", "attribute", "value"),
    [
        ("aws_security_group", "description", "Prefect's server"),
        ("aws_vpc_security_group_ingress_rule", "description", "task -> server"),
        ("aws_iam_role", "description", "a list …"),
        ("aws_sqs_queue", "name", "q" * 81),
    ],
)  # fmt: skip
def test_a_refused_value_is_found(kind: str, attribute: str, value: str) -> None:
    assert [*refused((PlannedResource("this", kind, {attribute: value}),))] == [f"this: {attribute}: {value}"]
