"""The commands that start, fill, stop and show the offline cloud."""

import argparse
import os

import offline_cloud
from config import settings, terraform
from config.errors import TerraformFailed
from offline_cloud import Status

PLATFORMS = ("stand-in", "terraform")


def up(options: argparse.Namespace) -> None:
    """Start the offline cloud and leave it running."""
    cloud = offline_cloud.up(settings.CLOUD, settings.LOCALSTACK_ENV, announce=print)
    cloud.detach()
    if not cloud.started:
        urls = cloud.urls
        print(f"It is up already: LocalStack at {urls['localstack']}, SageMaker local at {urls['sagemaker']}.")
    if isolation := cloud.isolation:
        print(isolation)
    print('It stays up until `vishwaops down`. Point any AWS client at it: eval "$(vishwaops env)"')


def down(options: argparse.Namespace) -> None:
    """Stop the offline cloud."""
    print(
        "The offline cloud is stopped." if offline_cloud.down(settings.CLOUD) else "The offline cloud was not running."
    )


def status(options: argparse.Namespace) -> int:
    """Show what runs; exit status 1 when nothing does."""
    return 0 if show_status(offline_cloud.status(settings.CLOUD)) else 1


def env(options: argparse.Namespace) -> None:
    """Print what points AWS clients at the offline cloud."""
    print(offline_cloud.export_lines(offline_cloud.attach(settings.CLOUD).environment), end="")


def platform(options: argparse.Namespace) -> None:
    """Make the offline platform: by the stand-in, in seconds, or by applying Terraform to the offline cloud."""
    from flows import terminal
    from flows.runtime import cloud_that_stays, start_cloud
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


def show_status(status: Status) -> bool:
    """Print what of the offline cloud runs, and return whether it does."""
    if not status.running:
        print(f"The offline cloud is not running. {status.error}".rstrip())
        return False
    for service in status.services:
        answers = "answers" if service.healthy else "does not answer"
        print(f"{service.title:<16} {service.url}  {answers}, pid {service.pid}, {service.memory / 2**20:,.0f} MB")
        print(f"{'':<16} {service.log}")
        if service.note:
            print(f"{'':<16} {service.note}")
    return True
