"""`vishwaops platform`: what Terraform makes for the flows, made offline."""

import argparse
import os

from config import settings, terraform
from config.errors import TerraformFailed
from flows.commands.subcommand import Subcommands, add

PLATFORMS = ("stand-in", "terraform")


def add_to(commands: Subcommands) -> None:
    """Add `platform`."""
    parser = add(commands, platform)
    parser.add_argument("--with", dest="platform", choices=PLATFORMS, default=PLATFORMS[0], help="default: stand-in")


def platform(options: argparse.Namespace) -> None:
    """Make the offline platform: by the stand-in, in seconds, or by applying Terraform to the offline cloud."""
    from flows.commands import terminal
    from flows.session.runtime import cloud_that_stays, start_cloud
    from offline_platform import terraform_apply
    from offline_platform.stand_in import ensure_platform, refuse_to_be_in_the_way
    from tasks.platform import read_platform
    from tasks.progress import log

    by_terraform = options.platform == "terraform"
    if by_terraform and (missing := terraform_apply.missing()):
        raise TerraformFailed(f"{missing}. Without it: vishwaops platform --with stand-in")
    terminal.show_progress()
    with cloud_that_stays():
        start_cloud()
        if by_terraform:
            refuse_to_be_in_the_way()
        if read_platform() is not None:
            log.info("platform  is there already")
        elif by_terraform:
            state = settings.STATE / "terraform"
            terraform_apply.OfflineApply(terraform.SOURCE, state, os.environ, log.info).run()
        else:
            ensure_platform()
