"""Terraform's plan of an environment, without an AWS account: on a copy of the sources, with a mocked provider."""

import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from config import settings
from config.errors import ConfigError, TerraformFailed
from tasks.platform import terraform
from tasks.platform.terraform_resources import PlannedResource

RUN = "plan"
MOCKED = f"""
mock_provider "aws" {{
  mock_data "aws_servicequotas_service_quota" {{
    defaults = {{ value = 1000 }}
  }}

  mock_data "aws_partition" {{
    defaults = {{ partition = "aws", dns_suffix = "amazonaws.com" }}
  }}

  mock_data "aws_availability_zones" {{
    defaults = {{ names = ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d", "us-east-1f"] }}
  }}

  mock_data "aws_vpc_endpoint_service" {{
    defaults = {{
      availability_zones            = ["us-east-1a", "us-east-1b", "us-east-1c"]
      vpc_endpoint_policy_supported = true
    }}
  }}
}}

run "{RUN}" {{
  command = plan
}}
"""
"""A test that plans without an account. Its data sources return what those of us-east-1 would."""


def require(name: str) -> None:
    """Raise ConfigError for an unknown environment, and TerraformFailed when Terraform is missing."""
    known = sorted(folder.parent.name for folder in terraform.SOURCE.glob("environments/*/platform.tfvars"))
    if name not in known:
        raise ConfigError(f"environment: expected one of {', '.join(known)}; found {name!r}")
    if not terraform.is_installed():
        raise TerraformFailed(
            "plan-cost needs Terraform to plan the environment, but it is not on the path. Install it"
        )


@cache
def plan(name: str) -> tuple[PlannedResource, ...]:
    """Return the managed resources that Terraform plans for an empty environment terraform/environments/<name>.

    Raises TerraformFailed when Terraform reports an error, and the errors of `require`.
    """
    require(name)
    with TemporaryDirectory() as folder:
        platform = copy_sources(Path(folder)) / "platform"
        (platform / f"{RUN}.tftest.hcl").write_text(MOCKED)
        return _plan(platform, terraform.write_cli_config(Path(folder)), name)


def copy_sources(folder: Path) -> Path:
    """Copy Terraform's sources below `folder`, so that no run writes into the checkout. Returns its `terraform/`."""
    shutil.copytree(terraform.SOURCE, folder / "terraform", ignore=shutil.ignore_patterns(".terraform", "*.tfstate*"))
    for read in ("config/use_cases", "config/profiles"):
        shutil.copytree(settings.PROJECT / read, folder / read)
    return folder / "terraform"


def _plan(platform: Path, cli_config: Path, name: str) -> tuple[PlannedResource, ...]:
    fetched = [f"-plugin-dir={terraform.FETCHED}"] if _only_fetched() else []
    initialised = terraform.run(platform, cli_config, "init", "-backend=false", "-input=false", "-no-color", *fetched)
    if initialised.returncode:
        raise TerraformFailed(f"terraform init of terraform/platform failed:\n{initialised.stderr}")
    files = [f"../environments/{name}/{part}.tfvars" for part in ("environment", "platform")]
    arguments = ["test", "-json", "-verbose", f"-filter={RUN}.tftest.hcl", "-var=allow_placeholders=true"]
    arguments += [f"-var-file={file}" for file in files]
    return tuple(
        PlannedResource(resource["address"], resource["type"], resource["change"]["after"])
        for resource in planned_resources(terraform.run(platform, cli_config, *arguments).stdout, RUN)
    )


def _only_fetched() -> bool:
    return terraform.provider_mirror() is None and terraform.FETCHED.is_dir()


def planned_resources(output: str, run: str) -> list[dict[str, Any]]:
    """Return the resources that a run of `terraform test -json -verbose` planned, with those of nested modules.

    Raises TerraformFailed, with Terraform's own errors, when the run has no plan.
    """
    for event in terraform.json_events(output.splitlines()):
        if event.get("type") == "test_plan" and event.get("@testrun") == run:
            return [change for change in event["test_plan"]["resource_changes"] if change["mode"] == "managed"]
    raise TerraformFailed(f"expected a plan of the run {run!r}; found none:\n{terraform.error_messages(output)}")
