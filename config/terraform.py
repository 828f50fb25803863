"""How Terraform is run: its AWS provider comes from a folder on this machine where there is one.

`python -m config.terraform FOLDER` writes it there.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from config import settings

SOURCE = settings.PROJECT / "terraform"
FETCHED = SOURCE / "platform" / ".terraform" / "providers"
"""Where an earlier `terraform init` of the platform has put the provider."""
PROVIDER = Path("registry.terraform.io/hashicorp/aws")
_ROOTS = ("/opt", "/usr/share/terraform", "/usr/local/share/terraform", "~/.terraform.d", "~/.local/share/terraform")


def provider_mirror() -> Path | None:
    """The folder that holds the AWS provider as a file system mirror does, in the usual places; None without one."""
    for root in (Path(name).expanduser() for name in _ROOTS):
        for base in (root, *root.glob("*")):
            if (base / PROVIDER).is_dir():
                return base
    return None


def write_cli_config(folder: Path) -> Path:
    """Write Terraform's CLI configuration into `folder` and return its path, which TF_CLI_CONFIG_FILE names."""
    mirror = provider_mirror()
    installation = f'  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n' if mirror else "  direct {}\n"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "terraform.rc"
    path.write_text(f"disable_checkpoint = true\nprovider_installation {{\n{installation}}}\n")
    return path


def environment(cli_config: Path, cloud: Mapping[str, str]) -> dict[str, str]:
    """The variables of a run of Terraform: this process's own, but for its AWS, which is that of `cloud`."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("TF_", "AWS_"))},
        "AWS_EC2_METADATA_DISABLED": "true",
        **{name: value for name, value in cloud.items() if name.startswith("AWS_")},
        "TF_CLI_CONFIG_FILE": str(cli_config),
        "TF_IN_AUTOMATION": "1",
    }


if __name__ == "__main__":
    write_cli_config(Path(sys.argv[1]))
