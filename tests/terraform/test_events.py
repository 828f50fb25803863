"""Which events the rules match, asked of the offline cloud's EventBridge."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import offline_cloud
from tasks.platform.terraform_plan import plan
from tests.terraform.aws import client

ALARM = "CloudWatch Alarm State Change"
RULES = "module.observability.aws_cloudwatch_event_rule."
TRAINING = "SageMaker Training Job State Change"


def event(source: str, kind: str, detail: Mapping[str, Any]) -> str:
    """An event as EventBridge delivers it."""
    common = {"id": "1", "account": "111111111111", "time": "2026-11-26T00:00:00Z", "region": "us-east-1"}
    return json.dumps({**common, "source": source, "resources": [], "detail-type": kind, "detail": detail})


def alarm(name: str, state: str = "ALARM") -> str:
    return event("aws.cloudwatch", ALARM, {"alarmName": name, "state": {"value": state}})


def job(status: str) -> str:
    detail = {"TrainingJobName": "student-grades-forest-1", "TrainingJobStatus": status}
    return event("aws.sagemaker", TRAINING, detail)


@pytest.fixture(scope="module")
def patterns(cli_config: Path) -> dict[str, str]:
    rules = [found.values for found in plan("prod") if found.address.startswith(RULES)]
    return {rule["name"]: rule["event_pattern"] for rule in rules}


@pytest.mark.parametrize(
    ("rule", "happened", "matches"),
    [
        ("drift", alarm("vishwaops-prod-student-grades-drift"), True),
        ("drift", alarm("vishwaops-prod-student-enrollment-quality"), True),
        ("drift", alarm("vishwaops-prod-student-grades-drift", "OK"), False),
        ("drift", alarm("vishwaops-prod-student-grades-5xx"), False),
        ("drift", alarm("vishwaops-dev-student-grades-drift"), False),
        ("failed-jobs", job("Failed"), True),
        ("failed-jobs", job("Completed"), False),
    ],
)
def test_a_rule_matches_the_events_that_it_is_for(
    cloud: offline_cloud.Cloud, patterns: dict[str, str], rule: str, happened: str, matches: bool
) -> None:
    events = client("events", cloud.environment)
    asked = events.test_event_pattern(EventPattern=patterns[f"vishwaops-prod-{rule}"], Event=happened)
    assert asked["Result"] is matches


def test_a_pattern_fits_eventbridges_limit(patterns: dict[str, str]) -> None:
    assert max(map(len, patterns.values())) <= 2048  # more needs a higher quota
