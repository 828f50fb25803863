"""The plan of prod: tags and names, what the flows read, which alarms exist, and what is guarded."""

import json
from pathlib import Path

import pytest
import yaml

from config import settings
from tasks.platform.terraform_plan import plan
from tasks.platform.terraform_resources import PlannedResource

TAGS = {"Project", "Environment", "Owner", "CostCentre", "DataClass", "ManagedBy"}


@pytest.fixture(scope="module")
def planned(cli_config: Path) -> tuple[PlannedResource, ...]:
    return plan("prod")


def test_only_scheduled_use_cases_have_an_alarm_for_missing_data(planned: tuple[PlannedResource, ...]) -> None:
    deployments = yaml.safe_load((settings.PROJECT / "prefect.yaml").read_text())["deployments"]
    scored = {d["parameters"]["use_case"] for d in deployments if "schedules" in d and "name" not in d["parameters"]}
    alarms = {r.values["alarm_name"] for r in planned if r.values.get("metric_name") == "ScoredRows"}
    assert scored == {"cake_popularity", "course_recommendation", "student_enrollment", "student_grades"}
    assert alarms == {f"vishwaops-prod-{name.replace('_', '-')}-no-data" for name in scored}


def test_what_must_stay_in_prod_is_guarded(planned: tuple[PlannedResource, ...]) -> None:
    guards = [r.address for r in planned if r.type == "terraform_data"]
    assert guards == ["module.storage.module.guard[0].terraform_data.this"]
    (lock,) = [r.values for r in planned if r.type == "aws_s3_bucket_object_lock_configuration"]
    assert lock["rule"][0]["default_retention"][0]["mode"] == "GOVERNANCE"


def test_flow_logs_are_delivered_to_a_bucket_without_acls(planned: tuple[PlannedResource, ...]) -> None:
    logs = "module.storage.module.logs.aws_s3_bucket_policy.this"
    (policy,) = [json.loads(r.values["policy"]) for r in planned if r.address == logs]
    conditions = {statement["Sid"]: statement.get("Condition") for statement in policy["Statement"]}
    assert conditions["AWSLogDeliveryWrite"] == conditions["AWSLogDeliveryAclCheck"]
    assert conditions["AWSLogDeliveryWrite"]["StringEquals"] == {"aws:SourceAccount": "222222222222"}


def test_the_flows_get_the_tags_and_the_images_registry(planned: tuple[PlannedResource, ...]) -> None:
    values = {r.values["name"]: r.values.get("value") for r in planned if r.type == "aws_ssm_parameter"}
    assert json.loads(str(values["/vishwaops/prod/tags"])).keys() == TAGS - {"ManagedBy"}
    assert values["/vishwaops/prod/image/registry"] == "683313688378.dkr.ecr.us-east-1.amazonaws.com"
    assert "/vishwaops/prod/image/model" in values
    assert "/vishwaops/prod/events/queue" in values
    assert values["/vishwaops/environment"] == "prod"


def test_every_resource_that_can_has_every_tag(planned: tuple[PlannedResource, ...]) -> None:
    taggable = [resource for resource in planned if "tags" in resource.values]
    assert len(taggable) > 100
    lacking = {r.address: TAGS - set(r.values["tags"] or {}) for r in taggable}
    assert {address: names for address, names in lacking.items() if names} == {}
    assert {r.values["tags"]["Environment"] for r in taggable} == {"prod"}


def test_names_start_with_the_project_and_the_environment(planned: tuple[PlannedResource, ...]) -> None:
    named = [r for r in planned if r.type in ("aws_s3_bucket", "aws_iam_role", "aws_cloudwatch_metric_alarm")]
    names = [str(r.values.get("bucket") or r.values.get("name") or r.values["alarm_name"]) for r in named]
    assert len(names) > 20
    assert [name for name in names if not name.startswith("vishwaops-prod-")] == []
