"""`vishwaops platform`: creates the platform on the offline cloud."""

import argparse
import os

from config import settings
from config.errors import TerraformFailed
from flows.commands.subcommand import Subcommands, add

PLATFORMS = ("seed", "terraform")


def add_to(commands: Subcommands) -> None:
    """Add `platform`."""
    parser = add(commands, platform)
    parser.add_argument("--with", dest="platform", choices=PLATFORMS, default=PLATFORMS[0], help="default: seed")


def platform(options: argparse.Namespace) -> None:
    """Create the platform on the offline cloud: from the seed, in seconds, or with Terraform, in minutes."""
    from flows.commands import output
    from flows.session.runtime import cloud_that_stays, start_cloud
    from tasks.platform import read_platform, terraform, terraform_apply
    from tasks.platform.seed import require_unseeded, seed_platform
    from tasks.progress import log

    by_terraform = options.platform == "terraform"
    if by_terraform and (missing := terraform_apply.missing()):
        raise TerraformFailed(f"{missing}. Without it: vishwaops platform --with seed")
    output.show_progress()
    with cloud_that_stays():
        start_cloud()
        if by_terraform:
            require_unseeded()
        if read_platform() is not None:
            log.info("platform  exists already")
        elif by_terraform:
            state = settings.STATE / "terraform"
            terraform_apply.OfflineApply(terraform.SOURCE, state, os.environ, log.info).run()
        else:
            seed_platform()
