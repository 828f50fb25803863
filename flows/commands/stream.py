"""`vishwaops stream`: lands the records of a use case's stream until it is ended."""

import argparse

from config.use_case import load_use_case
from flows.commands.run import quieten_prefect
from flows.commands.subcommand import USE_CASE, Subcommands, add, add_profile
from flows.session.prefect_server import start_prefect_server
from flows.session.signals import ending_on_signals


def add_to(commands: Subcommands) -> None:
    """Add `stream`."""
    parser = add(commands, stream)
    parser.add_argument("--use-case", required=True, metavar="NAME", help=USE_CASE)
    parser.add_argument("--commits", type=int, metavar="N", help="end after N micro-batches, instead of by Ctrl-C")
    add_profile(parser)
    parser.set_defaults(check=_check_commits)


def _check_commits(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    if options.commits is not None and options.commits < 1:
        parser.error(f"--commits: expected 1 or more, found {options.commits}")


def stream(options: argparse.Namespace) -> None:
    """Land the records of a use case's stream (Kinesis, Kafka) in micro-batches, until Ctrl-C."""
    from tasks.streaming.micro_batches import stream_of

    stream_of(load_use_case(options.use_case))  # another kind of source is reported before anything starts
    quieten_prefect(options.verbose)
    server = start_prefect_server()
    with ending_on_signals():
        from flows.commands import output
        from flows.session.runtime import cloud_that_stays, connect
        from flows.streaming import stream as run

        output.show_progress()
        with cloud_that_stays():
            connect()
            server.wait()
            run(options.use_case, options.commits)
