"""Terraform's own plan of an environment, without an account: on a copy of the sources, with a mocked provider."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from config import settings
from config.errors import ConfigError, TerraformFailed
from config.terraform import FETCHED, SOURCE, environment, provider_mirror, write_cli_config
from tasks.planned import Planned

RUN = "plan"
MOCKED = f'mock_provider "aws" {{}}\n\nrun "{RUN}" {{\n  command = plan\n}}\n'


@cache
def plan(name: str) -> tuple[Planned, ...]:
    """The managed resources that Terraform plans for terraform/environments/<name>, as if there were none yet.

    Raises TerraformFailed when Terraform refuses, and what `require` raises.
    """
    require(name)
    with TemporaryDirectory() as folder:
        platform = copy_sources(Path(folder)) / "platform"
        (platform / f"{RUN}.tftest.hcl").write_text(MOCKED)
        return _plan(platform, write_cli_config(Path(folder)), name)


def require(name: str) -> None:
    """Raise ConfigError when there is no such environment, TerraformFailed when Terraform is missing."""
    known = sorted(folder.parent.name for folder in SOURCE.glob("environments/*/platform.tfvars"))
    if name not in known:
        raise ConfigError(f"environment: expected one of {', '.join(known)}; found {name!r}")
    if shutil.which("terraform") is None:
        raise TerraformFailed(
            "plan-cost needs Terraform, which plans the environment; it is not on the path. Install it"
        )


def _plan(platform: Path, cli_config: Path, name: str) -> tuple[Planned, ...]:
    fetched = [f"-plugin-dir={FETCHED}"] if provider_mirror() is None and FETCHED.is_dir() else []
    initialised = terraform(platform, cli_config, "init", "-backend=false", "-input=false", "-no-color", *fetched)
    if initialised.returncode:
        raise TerraformFailed(f"terraform init of terraform/platform failed:\n{initialised.stderr}")
    files = [f"../environments/{name}/{part}.tfvars" for part in ("environment", "platform")]
    words = ["test", "-json", "-verbose", f"-filter={RUN}.tftest.hcl", *(f"-var-file={file}" for file in files)]
    return tuple(
        Planned(resource["address"], resource["type"], resource["change"]["after"])
        for resource in planned_resources(terraform(platform, cli_config, *words).stdout, RUN)
    )


def copy_sources(folder: Path) -> Path:
    """Copy what Terraform reads below `folder`, so that no run writes into the checkout; return its `terraform/`."""
    shutil.copytree(SOURCE, folder / "terraform", ignore=shutil.ignore_patterns(".terraform*"))
    shutil.copytree(settings.USE_CASES, folder / "config" / "use_cases")
    return folder / "terraform"


def terraform(
    folder: Path, cli_config: Path, *arguments: str, cloud: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `terraform <arguments>` in `folder`, at the cloud of these variables; the caller looks at the status."""
    variables = environment(cli_config, cloud or {})
    return subprocess.run(["terraform", *arguments], cwd=folder, env=variables, text=True, capture_output=True)


def planned_resources(output: str, run: str) -> list[dict[str, Any]]:
    """The resources that a run of `terraform test -json -verbose` planned, those of nested modules among them.

    Raises TerraformFailed, with what Terraform said, when the run has no plan.
    """
    events = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    for event in events:
        if event.get("type") == "test_plan" and event.get("@testrun") == run:
            return [change for change in event["test_plan"]["resource_changes"] if change["mode"] == "managed"]
    said = [event["@message"] for event in events if event.get("@level") == "error"]
    raise TerraformFailed(f"expected a plan of the run {run!r}; found none:\n" + ("\n".join(said) or output[-2000:]))
