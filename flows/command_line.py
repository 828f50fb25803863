"""The command `vishwaops`."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from config import profile
from config.errors import VishwaOpsError
from config.use_case import load_use_case, use_case_names
from flows.cloud import down, env, status, up
from offline_cloud import OfflineCloudError

FLOWS = ("lifecycle", "ingest", "validate", "train", "evaluate", "register", "deploy", "predict", "monitor")
WITH_SOURCE = ("lifecycle", "ingest", "predict")
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status is 0, 1 for an error that is explained, 2 for wrong words, 130 for Ctrl-C."""
    options = _parser().parse_args(arguments)
    os.environ[profile.VARIABLE] = options.profile
    try:
        return int(options.command(options) or 0)
    except (VishwaOpsError, OfflineCloudError) as error:
        print(f"vishwaops: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("vishwaops: interrupted", file=sys.stderr)
        return INTERRUPTED


def suite(options: argparse.Namespace) -> None:
    """Build the Great Expectations suites anew."""
    from tasks.suites import save_suite

    for name in options.use_case:
        print(save_suite(load_use_case(name)))


def use_cases(options: argparse.Namespace) -> None:
    """List the use cases and their questions."""
    for name in use_case_names():
        print(f"{name:<22} {load_use_case(name).question}")


def run(options: argparse.Namespace) -> None:
    """Run a flow for each use case in turn."""
    for name in options.use_case:
        load_use_case(name)  # a wrong word is said before anything starts
    _quieten_prefect(options.verbose)
    from flows import stages, terminal
    from flows.lifecycle import lifecycle
    from flows.runtime import cloud_that_stays
    from tasks.progress import log

    terminal.show_progress()
    log.info("prefect   a server of its own starts, unless PREFECT_API_URL names one")
    with cloud_that_stays():
        for name in options.use_case:
            if options.flow == "lifecycle":
                terminal.show_run(lifecycle(name, options.source))
            else:
                given = {"source": options.source} if options.flow in WITH_SOURCE else {}
                terminal.show_references(getattr(stages, options.flow)(name, **given))
    if options.flow == "lifecycle":
        terminal.show_next_steps(options.use_case, profile.active_profile())


def predict(options: argparse.Namespace) -> None:
    """Send the rows of a file to the use case's endpoint and print its answers."""
    from flows import terminal
    from flows.runtime import cloud_that_stays, connect
    from tasks.latest import recall
    from tasks.predict import predict_file
    from tasks.references import Deployment
    from tasks.storage import get_parquet

    case = load_use_case(options.use_case)
    with cloud_that_stays():
        connect()
        predictions = predict_file.fn(case, recall(case.name, Deployment), options.input)
        terminal.show_predictions(get_parquet(predictions.uri), options.output)


def _quieten_prefect(verbose: bool) -> None:
    if not verbose:
        os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="vishwaops", description="MLOps on Amazon SageMaker, on AWS or offline.")
    parser.set_defaults(profile=os.environ.get(profile.VARIABLE, "offline"))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (up, down, status, env, use_cases):
        _add(commands, command)

    running = _add(commands, run)
    running.add_argument("flow", choices=FLOWS)
    running.add_argument("--use-case", action="append", required=True, metavar="NAME", help="may be repeated")
    running.add_argument("--source", metavar="PATH|URL", help="instead of the configured source")
    running.add_argument("--verbose", action="store_true", help="show Prefect's own log as well")

    predicting = _add(commands, predict)
    predicting.add_argument("--use-case", required=True, metavar="NAME")
    predicting.add_argument("--input", required=True, metavar="PATH|URL", help="CSV or Parquet with the features")
    predicting.add_argument("--output", type=Path, metavar="PATH", help="write the answers as CSV, instead of a table")

    building = _add(commands, suite)
    building.add_argument("--use-case", action="append", required=True, metavar="NAME")
    for using_aws in (running, predicting):
        using_aws.add_argument("--profile", default=parser.get_default("profile"), help="offline (the default) or aws")
    return parser


def _add(commands: Any, command: Callable[[argparse.Namespace], int | None]) -> argparse.ArgumentParser:
    name = command.__name__.replace("_", "-")
    parser: argparse.ArgumentParser = commands.add_parser(name, help=command.__doc__, description=command.__doc__)
    parser.set_defaults(command=command)
    return parser


if __name__ == "__main__":
    sys.exit(main())
