"""The seeded platform. tests/terraform compares it with Terraform's."""

import json
import subprocess
import sys

import pytest

from config.errors import NoPlatform
from config.settings import PROJECT
from tasks import clients
from tasks.platform import COMPLETE, platform, seed

ELSEWHERE = "cake_at_school"


def test_a_use_case_that_terraform_was_not_applied_for_gets_the_same_as_the_others(bucket: str) -> None:
    seed.seed_use_case(ELSEWHERE)
    assert platform().endpoint(ELSEWHERE) == "cake-at-school"
    role = platform().role("job", ELSEWHERE).rsplit("/", 1)[-1]
    policy = clients.client("iam").get_role_policy(RoleName=role, PolicyName="permissions")["PolicyDocument"]
    text = json.dumps(policy)
    assert "/cake_at_school/*" in text
    assert "${" not in text
    assert "student_" not in text
    assert platform().role("endpoint", ELSEWHERE).endswith(":role/vishwaops-offline-endpoint-cake-at-school")


def test_making_it_twice_changes_nothing(bucket: str) -> None:
    before = platform()
    seed.seed_platform()
    seed.seed_use_case("student_grades")
    assert platform() == before


def test_an_apply_is_refused_on_a_seeded_cloud(bucket: str) -> None:
    with pytest.raises(NoPlatform, match=r"found platform made from the seed\. Start an empty cloud: vishwaops down"):
        seed.require_unseeded()
    run = subprocess.run([sys.executable, "-m", "tasks.platform.seed"], cwd=PROJECT, text=True, capture_output=True)
    assert (run.returncode, "vishwaops down && vishwaops up" in run.stderr) == (1, True)


def test_an_apply_is_refused_on_an_incomplete_seeded_platform_too(bucket: str) -> None:
    name = f"/vishwaops/offline/{COMPLETE}"
    before = clients.ssm().get_parameter(Name=name)["Parameter"]["Value"]
    clients.ssm().delete_parameter(Name=name)
    try:
        with pytest.raises(NoPlatform, match="found platform made from the seed"):
            seed.require_unseeded()
    finally:
        clients.ssm().put_parameter(Name=name, Value=before, Type="String")


def test_a_log_group_that_sagemaker_created_before_gets_its_retention(bucket: str) -> None:
    logs, name = clients.client("logs"), "/aws/sagemaker/TrainingJobs"
    logs.delete_log_group(logGroupName=name)
    logs.create_log_group(logGroupName=name)
    keys = seed._keys()
    wanted = [r for r in seed._content()["platform"] if r["values"].get("name") == name]
    seed._create(wanted, keys)
    assert logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]["retentionInDays"] == 365
