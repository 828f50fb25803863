"""The provider of Terraform that the tests of a run share."""

import json
import os
from pathlib import Path

import pytest

from tasks.platform.terraform import ATTACHED, PROVIDER, run, write_cli_config
from tests.patience import until
from tests.terraform.terraform_runs import needs_terraform
from tests.terraform_provider import end_shared_provider, shared_provider

pytestmark = needs_terraform
USED = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
resource "aws_sqs_queue" "this" {
  %s = "a-name"
}
"""


@pytest.fixture
def fetched(tmp_path: Path) -> Path:
    """A folder with one provider, as `terraform init` leaves it."""
    folder = tmp_path / "fetched"
    folder.mkdir()
    (folder / "main.tf").write_text(USED % "name")
    assert run(folder, write_cli_config(folder), "init", "-backend=false").returncode == 0
    return folder / ".terraform" / "providers"


def test_all_callers_get_one_provider_and_it_ends_with_the_run(fetched: Path, tmp_path: Path) -> None:
    address = shared_provider(tmp_path / "provider", os.getpid(), fetched)
    assert shared_provider(tmp_path / "provider", os.getpid(), fetched) == address
    (attached,) = json.loads(address).values()
    assert Path(attached["Addr"]["String"]).is_relative_to(tmp_path)
    assert Path(f"/proc/{attached['Pid']}").exists()
    end_shared_provider(tmp_path / "provider")
    until(lambda: not Path(f"/proc/{attached['Pid']}").exists())


def test_without_exactly_one_provider_none_is_started(fetched: Path, tmp_path: Path) -> None:
    assert shared_provider(tmp_path / "none", os.getpid(), tmp_path) == ""
    (version,) = (fetched / PROVIDER).iterdir()
    (fetched / PROVIDER / "9.9.9").symlink_to(version)
    assert shared_provider(tmp_path / "two", os.getpid(), fetched) == ""


def test_a_command_without_an_account_attaches_to_it_and_no_other_command(
    fetched: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli_config = write_cli_config(tmp_path)
    monkeypatch.setenv(ATTACHED, shared_provider(tmp_path / "provider", os.getpid(), fetched))
    (tmp_path / "main.tf").write_text(USED % "name")
    assert run(tmp_path, cli_config, "validate").returncode == 0  # without init
    assert "terraform init" in run(tmp_path, cli_config, "plan", "-no-color").stderr
    (tmp_path / "main.tf").write_text(USED % "nmae")
    assert '"nmae" is not expected here' in run(tmp_path, cli_config, "validate", "-no-color").stderr
    end_shared_provider(tmp_path / "provider")
    monkeypatch.delenv(ATTACHED)
    assert "terraform init" in run(tmp_path, cli_config, "validate", "-no-color").stderr
