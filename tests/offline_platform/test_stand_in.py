"""The platform that the stand-in makes where Terraform was not applied. That it is Terraform's: tests/terraform."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from config.errors import NoPlatform
from config.settings import PROJECT
from flows.session.runtime import begin
from offline_platform import stand_in
from offline_platform.export import NotAlike, export
from tasks import clients
from tasks.platform import COMPLETE, platform
from tests.use_cases import content

ELSEWHERE = "cake_at_school"


def test_a_use_case_that_terraform_has_not_seen_gets_what_the_others_have(bucket: str) -> None:
    stand_in.ensure_use_case(ELSEWHERE)
    assert platform().endpoint(ELSEWHERE) == "cake-at-school"
    role = platform().role("job", ELSEWHERE).rsplit("/", 1)[-1]
    policy = clients.client("iam").get_role_policy(RoleName=role, PolicyName="permissions")["PolicyDocument"]
    text = json.dumps(policy)
    assert "/cake_at_school/*" in text
    assert "${" not in text
    assert "student_" not in text


def test_making_it_twice_changes_nothing(bucket: str) -> None:
    before = platform()
    stand_in.ensure_platform()
    stand_in.ensure_use_case("student_grades")
    assert platform() == before


def test_an_apply_is_refused_where_the_stand_in_has_been(bucket: str) -> None:
    with pytest.raises(NoPlatform, match=r"found platform made by the stand-in\. Start an empty one: vishwaops down"):
        stand_in.refuse_to_be_in_the_way()
    run = subprocess.run(
        [sys.executable, "-m", "offline_platform.stand_in"], cwd=PROJECT, text=True, capture_output=True
    )
    assert (run.returncode, "vishwaops down && vishwaops up" in run.stderr) == (1, True)


def test_one_that_was_cut_short_is_in_the_way_too(bucket: str) -> None:
    name = f"/vishwaops/offline/{COMPLETE}"
    before = clients.ssm().get_parameter(Name=name)["Parameter"]["Value"]
    clients.ssm().delete_parameter(Name=name)
    try:
        with pytest.raises(NoPlatform, match="found platform made by the stand-in"):
            stand_in.refuse_to_be_in_the_way()
    finally:
        clients.ssm().put_parameter(Name=name, Value=before, Type="String")


def test_a_use_case_elsewhere_runs_in_roles_of_its_own(bucket: str, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump({**content("cake_popularity"), "name": "my_cake"}))
    assert begin(str(tmp_path / "mine.yaml")).name == "my_cake"
    assert platform().role("endpoint", "my_cake").endswith(":role/vishwaops-offline-endpoint-my-cake")


def test_a_log_group_that_sagemaker_made_before_is_taken_over(bucket: str) -> None:
    logs, name = clients.client("logs"), "/aws/sagemaker/TrainingJobs"
    logs.delete_log_group(logGroupName=name)
    logs.create_log_group(logGroupName=name)
    keys = stand_in._keys()
    wanted = [r for r in stand_in._content()["platform"] if r["values"].get("name") == name]
    stand_in._make(wanted, keys)
    assert logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]["retentionInDays"] == 365


def test_use_cases_that_were_given_different_things_are_not_made_alike() -> None:
    groups = [
        {
            "address": f'module.registry.aws_sagemaker_model_package_group.this["{name}"]',
            "type": "aws_sagemaker_model_package_group",
            "values": {"model_package_group_name": name, "model_package_group_description": words},
        }
        for name, words in (("one", "a"), ("two", "b"))
    ]
    with pytest.raises(NotAlike, match="one and two"):
        export({"values": {"root_module": {"resources": groups}}})
