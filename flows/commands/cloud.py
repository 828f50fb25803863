"""`vishwaops up`, `down`, `status` and `env`: the offline cloud."""

import argparse

import offline_cloud
from config import settings
from flows.commands.subcommand import Subcommands, add
from offline_cloud import Status


def add_to(commands: Subcommands) -> None:
    """Add `up`, `down`, `status` and `env`."""
    for command in (up, down, status, env):
        add(commands, command)


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
