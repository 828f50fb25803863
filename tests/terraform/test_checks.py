"""What a plan of the platform refuses or warns of, with a mocked provider."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tasks.platform import terraform as terraform_runs
from tests.terraform.terraform_runs import copy_sources, terraform

NO_QUOTA = """
  mock_data "aws_servicequotas_service_quota" {
    defaults = { value = 0 }
  }
"""
ENOUGH = NO_QUOTA.replace("value = 0", "value = 1000")
ANOTHER = """
  mock_data "aws_ssm_parameters_by_path" {
    defaults = { names = ["/vishwaops/environment"], values = ["prod"] }
  }
"""
ZONES = """
  mock_data "aws_availability_zones" {
    defaults = { names = ["us-east-1a", "us-east-1b"] }
  }
"""
CLOUD = {"kind": "cloud", "api_url": "https://api.prefect.cloud/api/accounts/ACCOUNT/workspaces/WORKSPACE"}
OWN = {
    "account_id": "123456789012",
    "state_bucket": "vishwaops-dev-state-123456789012",
    "alert_emails": ["mlops@school.example"],
    "github_repository": "school/vishwaops",
}


@pytest.fixture(scope="module")
def platform(cli_config: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the root platform, initialised."""
    root = copy_sources(tmp_path_factory.mktemp("checks")) / "platform"
    initialised = terraform(root, cli_config, "init", "-backend=false", "-input=false", "-no-color")
    assert initialised.returncode == 0, initialised.stderr
    yield root


def messages(platform: Path, cli_config: Path, values: Mapping[str, Any], mocks: str = "") -> str:
    """The errors of a plan of dev with these values."""
    run = f'mock_provider "aws" {{{mocks}}}\nrun "plan" {{\n  command = plan\n}}\n'
    (platform / "checks.tftest.hcl").write_text(run)
    (platform / "values.tfvars.json").write_text(json.dumps(values))
    files = ("../environments/dev/environment.tfvars", "../environments/dev/platform.tfvars", "values.tfvars.json")
    arguments = ("test", "-json", "-filter=checks.tftest.hcl", *(f"-var-file={file}" for file in files))
    events = terraform_runs.json_events(terraform(platform, cli_config, *arguments).stdout.splitlines())
    found = [event["diagnostic"] for event in events if event.get("type") == "diagnostic"]
    return "\n".join(f"{each['summary']}: {each.get('detail', '')}" for each in found)


def test_the_examples_values_are_refused_and_named(platform: Path, cli_config: Path) -> None:
    found = messages(platform, cli_config, {"prefect": CLOUD}, ENOUGH + ZONES)
    assert "environments/dev: expected your own values" in found
    for placeholder in ("account_id", "state_bucket", "alert_emails", "github_repository", "prefect.api_url"):
        assert placeholder in found


def test_a_low_quota_is_a_warning_and_a_second_environment_in_the_account_is_refused(
    platform: Path, cli_config: Path
) -> None:
    found = messages(platform, cli_config, {**OWN, "network": None, "prefect": None}, NO_QUOTA + ANOTHER)
    assert 'Quota "ml.m5.large for training job usage" of sagemaker: expected 4 or more' in found
    assert "found 0. Request an increase" in found
    assert "Account 123456789012 in us-east-1: expected no environment but dev" in found
    assert "found prod. Use another account or region" in found
    assert "own values" not in found
    assert "spot training" not in found


def test_searches_spot_instances_and_shadows_count_towards_their_quotas(platform: Path, cli_config: Path) -> None:
    cases = platform.parents[1] / "config" / "use_cases"
    case = yaml.safe_load((cases / "student_grades.yaml").read_text())
    hosted = {"hosting": {"kind": "instances"}, "release": {"shadow": {"minutes": 5}}, "training": {"spot": True}}
    candidates = [{**case["candidates"][0], "tune": {"jobs": 9, "parallel": 5}}, case["candidates"][1]]
    added = cases / "pupil_marks.yaml"
    added.write_text(yaml.safe_dump({**case, **hosted, "name": "pupil_marks", "candidates": candidates}))
    found = messages(platform, cli_config, {**OWN, "network": None, "prefect": None}, NO_QUOTA)
    added.unlink()
    assert 'Quota "ml.m5.large for training job usage" of sagemaker: expected 4 or more' in found
    assert 'Quota "ml.m5.large for spot training job usage" of sagemaker: expected 6 or more' in found
    assert 'Quota "ml.m5.large for endpoint usage" of sagemaker: expected 3 or more' in found
