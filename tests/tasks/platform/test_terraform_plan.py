"""Errors before Terraform plans, and reading its plan. tests/terraform has tests of real plans."""

import json
from pathlib import Path
from typing import Any

import pytest

from config.errors import ConfigError, TerraformFailed
from tasks.platform import terraform
from tasks.platform.terraform_plan import copy_sources, plan, planned_resources, require
from tests.terraform.terraform_runs import needs_terraform


def test_an_unknown_environment_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="environment: expected one of dev, offline, prod; found 'stage'"):
        require("stage")


def test_terraform_is_required(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TerraformFailed, match="plan-cost needs Terraform"):
        require("dev")


def test_the_copy_holds_the_sources_and_the_use_cases_without_fetched_providers(tmp_path: Path) -> None:
    copied = copy_sources(tmp_path)
    assert (copied / "platform" / "main.tf").is_file()
    assert (tmp_path / "config" / "use_cases" / "student_grades.yaml").is_file()
    assert (tmp_path / "config" / "profiles" / "aws.yaml").is_file()
    assert (tmp_path / "prefect.yaml").is_file()
    assert (copied / "platform" / ".terraform.lock.hcl").is_file()
    assert list(copied.rglob(".terraform")) == []


def event(run: str, *modes: str) -> str:
    changes: list[dict[str, Any]] = [{"address": f"a.{number}", "mode": mode} for number, mode in enumerate(modes)]
    return json.dumps({"type": "test_plan", "@testrun": run, "test_plan": {"resource_changes": changes}})


def test_managed_resources_of_the_named_run_are_returned() -> None:
    output = "\n".join(["text", event("other", "managed"), event("plan", "data", "managed")])
    assert planned_resources(output, "plan") == [{"address": "a.1", "mode": "managed"}]


def test_a_run_without_a_plan_raises_terraforms_own_error() -> None:
    output = json.dumps({"@level": "error", "@message": "Error: Invalid value for variable"})
    with pytest.raises(TerraformFailed, match="expected a plan of the run 'plan'; found none:\nError: Invalid value"):
        planned_resources(output, "plan")


@pytest.mark.usefixtures("aws_provider")
@needs_terraform
def test_a_plan_of_the_same_sources_is_read_from_the_state_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    planned = plan("dev", "bootstrap")
    plan.cache_clear()
    monkeypatch.setattr(terraform, "run", None)  # Terraform is not called
    assert plan("dev", "bootstrap") == planned
