"""Runs Terraform. The AWS provider comes from a folder of this machine if one has it.

`python -m tasks.platform.terraform FOLDER` writes Terraform's CLI configuration into FOLDER.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from config import settings

SOURCE = settings.PROJECT / "terraform"
FETCHED = SOURCE / "platform" / ".terraform" / "providers"
"""The folder in which an earlier `terraform init` of the platform stored the provider."""
PROVIDER = Path("registry.terraform.io/hashicorp/aws")
ATTACHED = "TF_REATTACH_PROVIDERS"
"""Terraform's variable with the addresses of providers that run already."""
_WITHOUT_ACCOUNT = ("test", "validate")
"""The commands that mock AWS or never call it. They may share a provider that runs already with other commands."""
_ROOTS = ("/opt", "/usr/share/terraform", "/usr/local/share/terraform", "~/.terraform.d", "~/.local/share/terraform")


def is_installed() -> bool:
    """Whether Terraform is on the path."""
    return shutil.which("terraform") is not None


def provider_mirror() -> Path | None:
    """Return the first of the usual folders that is a filesystem mirror with the AWS provider, or None."""
    for root in (Path(name).expanduser() for name in _ROOTS):
        for base in (root, *root.glob("*")):
            if (base / PROVIDER).is_dir():
                return base
    return None


def write_cli_config(folder: Path) -> Path:
    """Write Terraform's CLI configuration into `folder` and return its path, for TF_CLI_CONFIG_FILE."""
    mirror = provider_mirror()
    installation = f'  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n' if mirror else "  direct {}\n"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "terraform.rc"
    path.write_text(f"disable_checkpoint = true\nprovider_installation {{\n{installation}}}\n")
    return path


def variables(cli_config: Path, cloud: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables of a run: this process's, but with the AWS_ variables of `cloud`."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("TF_", "AWS_"))},
        "AWS_EC2_METADATA_DISABLED": "true",
        **{name: value for name, value in cloud.items() if name.startswith("AWS_")},
        "TF_CLI_CONFIG_FILE": str(cli_config),
        "TF_IN_AUTOMATION": "1",
    }


def run(
    folder: Path, cli_config: Path, *arguments: str, cloud: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `terraform <arguments>` in `folder` with these environment variables. The caller checks the exit status.

    `test` and `validate` attach to the provider that TF_REATTACH_PROVIDERS names, if there is one.
    """
    environment = variables(cli_config, cloud or {})
    if arguments[0] in _WITHOUT_ACCOUNT and os.environ.get(ATTACHED):
        environment[ATTACHED] = os.environ[ATTACHED]
    return subprocess.run(["terraform", *arguments], cwd=folder, env=environment, text=True, capture_output=True)


def json_events(lines: Iterable[str]) -> list[dict[str, Any]]:
    """Return the events in the output of a command with `-json`. Other lines are ignored."""
    return [json.loads(line) for line in lines if line.startswith("{")]


def error_messages(output: str) -> str:
    """Return the errors in the output of a command with `-json`, or else the last 2,000 characters of the output."""
    errors = [_error(event) for event in json_events(output.splitlines()) if event.get("@level") == "error"]
    return "\n".join(errors) or output[-2000:]


def _error(event: dict[str, Any]) -> str:
    detail = event.get("diagnostic", {}).get("detail", "")
    return f"{event['@message']}\n{detail}" if detail else str(event["@message"])


if __name__ == "__main__":
    write_cli_config(Path(sys.argv[1]))
