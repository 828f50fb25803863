"""Terraform's plan of an environment, without an AWS account: on a copy of the sources, with a mocked provider."""

import json
import re
import shutil
from dataclasses import asdict
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from config import settings
from config.errors import ConfigError, TerraformFailed
from sagemaker_local.private_files import file_lock, write_private
from tasks import digests
from tasks.platform import terraform
from tasks.platform.terraform_resources import PlannedResource

RUN = "plan"
Root = Literal["bootstrap", "platform"]
VALUES = {"bootstrap": ("environment",), "platform": ("environment", "platform")}
"""The files of an environment with the variables of each root."""
REPLACED = {
    "bootstrap": ("account_id=123456789012", "state_bucket=state-123456789012"),
    "platform": ("allow_placeholders=true",),
}
"""Variables with which an environment can be planned before its placeholders are replaced."""
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

  mock_data "aws_sagemaker_prebuilt_ecr_image" {{
    defaults = {{
      registry_id   = "683313688378"
      registry_path = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"
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
def plan(name: str, root: Root = "platform") -> tuple[PlannedResource, ...]:
    """Return the managed resources that Terraform plans for an empty environment terraform/environments/<name>.

    Its services are planned as if their image had been pushed. The state folder keeps the plan of these sources. Raises
    TerraformFailed when Terraform reports an error, and the errors of `require`.
    """
    require(name)
    with TemporaryDirectory() as folder:
        sources = copy_sources(Path(folder))
        _name_an_image(sources / "environments" / name / "platform.tfvars")
        (sources / root / f"{RUN}.tftest.hcl").write_text(MOCKED)
        stored = settings.STATE / "plans" / f"{name}-{root}-{_digest(Path(folder))}.json"
        with file_lock(stored.with_suffix(".lock")):
            if not stored.is_file():
                found = _plan(sources / root, terraform.write_cli_config(Path(folder)), name)
                write_private(stored, json.dumps([asdict(resource) for resource in found]))
        return tuple(PlannedResource(**resource) for resource in json.loads(stored.read_text()))


def _digest(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return digests.of_json(
        [[path.relative_to(folder).as_posix(), digests.of_bytes(path.read_bytes())] for path in files]
    )


def _name_an_image(values: Path) -> None:
    """Replace an image tag of null, with which no service starts."""
    values.write_text(re.sub(r"(\bimage_tag *= *)null", r'\1"0.1.0"', values.read_text()))


def copy_sources(folder: Path) -> Path:
    """Copy Terraform's sources below `folder`, so that no run writes into the checkout. Returns its `terraform/`."""
    shutil.copytree(terraform.SOURCE, folder / "terraform", ignore=shutil.ignore_patterns(".terraform", "*.tfstate*"))
    for read in ("config/use_cases", "config/profiles"):
        shutil.copytree(settings.PROJECT / read, folder / read)
    shutil.copy(settings.PROJECT / "prefect.yaml", folder)
    return folder / "terraform"


def _plan(root: Path, cli_config: Path, name: str) -> tuple[PlannedResource, ...]:
    fetched = [f"-plugin-dir={terraform.FETCHED}"] if _only_fetched() else []
    initialised = terraform.run(root, cli_config, "init", "-backend=false", "-input=false", "-no-color", *fetched)
    if initialised.returncode:
        raise TerraformFailed(f"terraform init of terraform/{root.name} failed:\n{initialised.stderr}")
    files = [f"-var-file=../environments/{name}/{part}.tfvars" for part in VALUES[root.name]]
    replaced = [f"-var={value}" for value in REPLACED[root.name]]
    arguments = ["test", "-json", "-verbose", f"-filter={RUN}.tftest.hcl", *files, *replaced]
    return tuple(
        PlannedResource(resource["address"], resource["type"], resource["change"]["after"])
        for resource in planned_resources(terraform.run(root, cli_config, *arguments).stdout, RUN)
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
