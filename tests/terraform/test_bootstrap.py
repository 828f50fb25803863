"""What the root bootstrap creates and refuses; its own state is tested in tests/tasks/platform."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tasks.platform.terraform import SOURCE, json_events
from tests.terraform.terraform_runs import copy_sources, planned_resources, terraform

RUN = 'mock_provider "aws" {}\nrun "plan" {\n  command = plan\n}\n'
OWN = {"account_id": "123456789012", "state_bucket": "vishwaops-dev-state-123456789012"}
PROTECTED = """
resource "terraform_data" "state" {}
resource "terraform_data" "key" {}
variable "emulated" { default = false }
"""


@pytest.fixture(scope="module")
def bootstrap(cli_config: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the root, initialised."""
    root = copy_sources(tmp_path_factory.mktemp("bootstrap")) / "bootstrap"
    (root / "plan.tftest.hcl").write_text(RUN)
    initialised = terraform(root, cli_config, "init", "-backend=false", "-input=false")
    assert initialised.returncode == 0, initialised.stderr
    return root


def output(root: Path, cli_config: Path, environment: str, values: Mapping[str, str]) -> str:
    given = [f"-var={name}={value}" for name, value in values.items()]
    variables = f"-var-file=../environments/{environment}/environment.tfvars"
    return terraform(root, cli_config, "test", "-json", "-verbose", variables, *given).stdout


def planned(root: Path, cli_config: Path, environment: str, values: Mapping[str, str]) -> dict[str, Any]:
    resources = planned_resources(output(root, cli_config, environment, values), "plan")
    return {each["address"]: each["change"]["after"] for each in resources}


def test_an_account_blocks_public_buckets_and_keeps_its_states(bootstrap: Path, cli_config: Path) -> None:
    dev = planned(bootstrap, cli_config, "dev", OWN)
    assert dev["aws_s3_account_public_access_block.this[0]"]["restrict_public_buckets"] is True
    assert dev["module.state.aws_s3_bucket.this"]["force_destroy"] is False
    assert dev["module.state.aws_s3_bucket_versioning.this"]["versioning_configuration"][0]["status"] == "Enabled"
    assert "terraform_data.state_stays[0]" in dev


def test_the_offline_cloud_may_lose_its_states(bootstrap: Path, cli_config: Path) -> None:
    offline = planned(bootstrap, cli_config, "offline", {})
    assert offline["module.state.aws_s3_bucket.this"]["force_destroy"] is True
    assert [address for address in offline if "state_stays" in address or "account_public" in address] == []


def test_the_examples_account_is_refused(bootstrap: Path, cli_config: Path) -> None:
    events = json_events(output(bootstrap, cli_config, "dev", {}).splitlines())
    details = " ".join(event["diagnostic"].get("detail", "") for event in events if event["type"] == "diagnostic")
    assert "account_id: expected your own account" in details


@pytest.mark.parametrize("arguments", [(), ("-target=terraform_data.state",), ("-target=terraform_data.key",)])
def test_neither_the_bucket_nor_the_key_can_be_destroyed(
    arguments: tuple[str, ...], cli_config: Path, tmp_path: Path
) -> None:
    text = (SOURCE / "bootstrap" / "main.tf").read_text()
    guard = re.search(r'(?ms)^resource "terraform_data" "state_stays" \{.+?^\}', text)
    assert guard
    protects = re.sub(r"module\.\w+\.arn", '"arn"', guard[0]).replace("module.", "terraform_data.")
    (tmp_path / "main.tf").write_text(PROTECTED + protects)
    for command in ("init", "apply"):
        done = terraform(tmp_path, cli_config, command, *(("-auto-approve",) if command == "apply" else ()))
        assert done.returncode == 0, done.stderr
    refused = terraform(tmp_path, cli_config, "destroy", "-auto-approve", "-no-color", *arguments)
    assert (refused.returncode, "Instance cannot be destroyed" in refused.stderr) == (1, True), refused.stderr
