"""The command `vishwaops`: parses its arguments, runs one subcommand, and explains errors."""

import argparse
import os
import sys
from collections.abc import Sequence

from config import profile
from flows.commands import (
    approve,
    audit,
    champion,
    check,
    cloud,
    contract,
    data,
    events,
    experiments,
    failures,
    feedback,
    forget,
    init,
    jobs,
    lineage,
    monitor,
    openapi,
    plan_cost,
    platform,
    predict,
    promote,
    recommend,
    release,
    reproduce,
    retire,
    rollback,
    run,
    runs,
    serve,
    sign,
    stream,
    teardown,
    tools,
    use_cases,
)
from flows.commands.exit_status import INTERRUPTED
from flows.commands.output import progress_on_stderr

GROUPS = (
    cloud,
    platform,
    init,
    check,
    contract,
    run,
    stream,
    serve,
    runs,
    monitor,
    data,
    jobs,
    openapi,
    predict,
    feedback,
    recommend,
    champion,
    approve,
    release,
    rollback,
    retire,
    forget,
    promote,
    sign,
    audit,
    experiments,
    lineage,
    reproduce,
    events,
    plan_cost,
    teardown,
    use_cases,
    tools,
)
"""The modules that add subcommands, in the order of the help."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit status.

    The status is 0, 1 for an error, 2 for invalid arguments, or 128 plus the number of the signal that ended it (130
    for Ctrl-C). An error is explained in one sentence. The traceback of an internal error goes to a log, and with
    `--verbose` to the terminal.
    """
    options = _options(sys.argv[1:] if arguments is None else arguments)
    os.environ[profile.VARIABLE] = options.profile
    try:
        with progress_on_stderr():
            return int(options.command(options) or 0)
    except Exception as error:  # noqa: BLE001  nothing above this explains an error
        failures.report(error, verbose=getattr(options, "verbose", False))
        return 1
    except KeyboardInterrupt as interrupt:
        print("vishwaops: interrupted", file=sys.stderr)
        return int(getattr(interrupt, "status", INTERRUPTED))


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = _parser()
    if arguments and arguments[0] in tools.TOOLS:
        return parser.parse_args(arguments[:1], argparse.Namespace(rest=arguments[1:]))
    options = parser.parse_args(arguments)
    if check := getattr(options, "check", None):
        check(parser, options)
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="vishwaops", description="MLOps on Amazon SageMaker, on AWS or offline.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for group in GROUPS:
        group.add_to(commands)
    return parser
