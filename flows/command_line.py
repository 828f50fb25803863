"""The command `vishwaops`."""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from config import profile
from config.sources import require_location
from config.use_case import load_use_case, use_case_names
from flows import failures
from flows.cloud import PLATFORMS, down, env, platform, status, up
from flows.entry_point import INTERRUPTED
from flows.plan_cost import plan_cost
from flows.prefect_server import PrefectServer, start_prefect_server
from flows.tools import TOOLS, run_tool

FLOWS = ("lifecycle", "ingest", "validate", "train", "evaluate", "register", "deploy", "predict", "monitor")
READING = ("lifecycle", "ingest")
"""The flows that read the use case's source."""
WITH_SOURCE = (*READING, "predict")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status is 0, 1 for an error, 2 for invalid arguments, 130 for Ctrl-C.

    An error is explained in one sentence. The traceback of a fault of VishwaOps itself goes to a log, and with
    `--verbose` to the terminal.
    """
    options = _options(sys.argv[1:] if arguments is None else arguments)
    os.environ[profile.VARIABLE] = options.profile
    try:
        return int(options.command(options) or 0)
    except Exception as error:  # noqa: BLE001  nothing above this explains an error
        failures.report(error, verbose=getattr(options, "verbose", False))
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
        case = load_use_case(name)  # a wrong word is said before anything starts
        if options.flow in READING:
            require_location(case.source, options.source, case.name)
    print(f"{'':6}    {options.flow} starts: {', '.join(options.use_case)}", flush=True)
    _quieten_prefect(options.verbose)
    server = start_prefect_server()
    with stopping_on_interrupt():
        _run_flows(options, server)


def _run_flows(options: argparse.Namespace, server: PrefectServer) -> None:
    from flows import stages, terminal
    from flows.early_imports import import_early
    from flows.lifecycle import lifecycle
    from flows.runtime import cloud_that_stays, connect

    terminal.show_progress()
    imports = import_early()
    with cloud_that_stays():
        connect()
        server.wait()
        imports.join()
        for name in options.use_case:
            if options.flow == "lifecycle":
                terminal.show_run(lifecycle(name, options.source))
            else:
                given = {"source": options.source} if options.flow in WITH_SOURCE else {}
                terminal.show_references(getattr(stages, options.flow)(name, **given))
    if options.flow == "lifecycle":
        terminal.show_next_steps(options.use_case, profile.active_profile())


@contextmanager
def stopping_on_interrupt() -> Iterator[None]:
    """On Ctrl-C say so at once, start no more jobs and stop those that run; a second one ends the process."""
    from tasks import interruption

    def stop(number: int, frame: FrameType | None) -> None:
        print("\nvishwaops: stopping; what runs in SageMaker is stopped as well", file=sys.stderr, flush=True)
        interruption.asked.set()
        signal.signal(number, before)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def predict(options: argparse.Namespace) -> None:
    """Send the rows of a file to the use case's endpoint and print its answers."""
    from flows import terminal
    from flows.runtime import begin, cloud_that_stays
    from tasks.latest import recall
    from tasks.predict import predict_file
    from tasks.references import Deployment
    from tasks.storage import get_parquet

    case = load_use_case(options.use_case)
    terminal.show_progress()
    with cloud_that_stays():
        begin(options.use_case)
        predictions = predict_file.fn(case, recall(case.name, Deployment), options.input)
        terminal.show_predictions(predictions, get_parquet(predictions.uri), options.output)


def _quieten_prefect(verbose: bool) -> None:
    if not verbose:
        for level in ("PREFECT_LOGGING_LEVEL", "PREFECT_INTERNAL_LOGGING_LEVEL"):
            os.environ.setdefault(level, "CRITICAL")


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = _parser()
    if arguments and arguments[0] in TOOLS:
        return parser.parse_args(arguments[:1], argparse.Namespace(rest=arguments[1:]))
    options = parser.parse_args(arguments)
    if getattr(options, "source", None) and options.flow not in WITH_SOURCE:
        parser.error(f"--source goes with {', '.join(WITH_SOURCE)}; {options.flow} goes on from the stage before it")
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="vishwaops", description="MLOps on Amazon SageMaker, on AWS or offline.")
    parser.set_defaults(profile=os.environ.get(profile.VARIABLE, "offline"))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (up, down, status, env, use_cases):
        _add(commands, command)

    making = _add(commands, platform)
    making.add_argument("--with", dest="platform", choices=PLATFORMS, default=PLATFORMS[0], help="default: stand-in")

    running = _add(commands, run)
    running.add_argument("flow", choices=FLOWS)
    running.add_argument("--use-case", action="append", required=True, metavar="NAME", help="may be repeated")
    running.add_argument("--source", metavar="PATH|URL", help="instead of the configured source")

    predicting = _add(commands, predict)
    predicting.add_argument("--use-case", required=True, metavar="NAME")
    predicting.add_argument("--input", required=True, metavar="PATH|URL", help="CSV or Parquet with the features")
    predicting.add_argument("--output", type=Path, metavar="PATH", help="write the answers as CSV, instead of a table")

    costing = _add(commands, plan_cost)
    costing.add_argument("--environment", metavar="NAME", help="offline, dev or prod, instead of the profile's own")

    building = _add(commands, suite)
    building.add_argument("--use-case", action="append", required=True, metavar="NAME")
    for name, words in TOOLS.items():
        tool = commands.add_parser(name, help=words, add_help=False)
        tool.set_defaults(command=lambda options, name=name: run_tool(name, options.rest))
    for using_aws in (running, predicting, costing):
        using_aws.add_argument(
            "--profile",
            default=parser.get_default("profile"),
            choices=profile.profile_names(),
            help="offline (the default) or aws",
        )
    return parser


def _add(commands: Any, command: Callable[[argparse.Namespace], int | None]) -> argparse.ArgumentParser:
    name = command.__name__.replace("_", "-")
    parser: argparse.ArgumentParser = commands.add_parser(name, help=command.__doc__, description=command.__doc__)
    parser.add_argument("--verbose", action="store_true", help="show Prefect's own log, and the traceback of an error")
    parser.set_defaults(command=command)
    return parser


if __name__ == "__main__":
    sys.exit(main())
