"""Runs Terraform on a copy of `terraform/`."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from config.terraform import SOURCE

PROJECT = Path(__file__).parents[2]
MODULES = sorted(path.parent.name for path in SOURCE.glob("modules/*/main.tf"))


def copy_sources(folder: Path) -> Path:
    """Copy what Terraform reads below `folder`, so that no run writes into the checkout; return its `terraform/`."""
    shutil.copytree(SOURCE, folder / "terraform", ignore=shutil.ignore_patterns(".terraform*"))
    shutil.copytree(PROJECT / "config" / "use_cases", folder / "config" / "use_cases")
    return folder / "terraform"


def terraform(
    folder: Path, cli_config: Path, *arguments: str, cloud: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `terraform <arguments>` in `folder`, at the cloud of these variables; the caller looks at the status."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("TF_", "AWS_"))},
        "TF_CLI_CONFIG_FILE": str(cli_config),
        "TF_IN_AUTOMATION": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
        **(cloud or {}),
    }
    return subprocess.run(
        ["terraform", *arguments], cwd=folder, env=environment, text=True, capture_output=True, timeout=240
    )


def planned_resources(output: str, run: str) -> list[dict[str, Any]]:
    """The resources that a run of `terraform test -json -verbose` planned, those of nested modules among them."""
    for line in output.splitlines():
        event = json.loads(line)
        if event.get("type") == "test_plan" and event.get("@testrun") == run:
            return [change for change in event["test_plan"]["resource_changes"] if change["mode"] == "managed"]
    raise AssertionError(f"expected a plan of the run {run!r}; found none in:\n{output[-2000:]}")
