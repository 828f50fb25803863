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
        print(f"It already runs: LocalStack at {urls['localstack']}, SageMaker local at {urls['sagemaker']}.")
    if isolation := cloud.isolation:
        print(isolation)
    print('It runs until `vishwaops down`. To use it with any AWS client: eval "$(vishwaops env)"')


def down(options: argparse.Namespace) -> None:
    """Stop the offline cloud."""
    print(
        "The offline cloud is stopped." if offline_cloud.down(settings.CLOUD) else "The offline cloud was not running."
    )


def status(options: argparse.Namespace) -> int:
    """Show the services of the offline cloud. The exit status is 1 when it is not running."""
    return 0 if show_status(offline_cloud.status(settings.CLOUD)) else 1


def env(options: argparse.Namespace) -> None:
    """Print the environment variables that connect AWS clients to the offline cloud."""
    print(offline_cloud.export_lines(offline_cloud.attach(settings.CLOUD).environment), end="")


def show_status(status: Status) -> bool:
    """Print the services of the offline cloud, and return whether it runs."""
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
