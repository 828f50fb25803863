"""`vishwaops events`: receives drift and quality alarms from the environment's queue, and starts the lifecycle."""

import argparse
import os

from config.errors import Unreachable
from flows.commands.run import quieten_prefect
from flows.commands.subcommand import Subcommands, add, add_profile
from flows.session.prefect_server import ADDRESS
from flows.session.signals import ending_on_signals


def add_to(commands: Subcommands) -> None:
    """Add `events`."""
    parser = add(commands, events)
    parser.add_argument("--until-empty", action="store_true", help="end when the queue has no event")
    add_profile(parser)


def events(options: argparse.Namespace) -> None:
    """Receive the events of drift and quality alarms, and start the deployments of their use cases in Prefect."""
    if ADDRESS not in os.environ:
        raise Unreachable(f"events: expected the address of a Prefect server in {ADDRESS}, found none: set it")
    quieten_prefect(options.verbose)
    from flows.commands import output
    from flows.events import receive_events
    from flows.session.runtime import connect

    output.show_progress()
    with ending_on_signals():
        connect()
        receive_events(options.until_empty)
