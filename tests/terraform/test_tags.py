"""Every resource that can have tags has those of owner, cost centre and data class."""

from pathlib import Path

import pytest

from tasks.platform.terraform_plan import plan
from tasks.platform.terraform_resources import PlannedResource

TAGS = {"Project", "Environment", "Owner", "CostCentre", "DataClass", "ManagedBy"}


@pytest.fixture(scope="module")
def planned(cli_config: Path) -> tuple[PlannedResource, ...]:
    return plan("prod")


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
