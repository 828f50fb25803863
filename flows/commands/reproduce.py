"""`vishwaops reproduce`: trains a registered version again from its record, and compares."""

import argparse
from typing import TYPE_CHECKING

from flows.commands.subcommand import Subcommands, add, add_profile
from flows.commands.versions import add_version, package_of, use_case_of

if TYPE_CHECKING:
    from tasks.reproduction.comparison import Figure, Reproduction


def add_to(commands: Subcommands) -> None:
    """Add `reproduce`."""
    parser = add(commands, reproduce)
    add_version(parser)
    add_profile(parser)


def reproduce(options: argparse.Namespace) -> int:
    """Train and evaluate a registered version again from its record, and compare the metrics and the model's files.

    Nothing is registered or deployed. Exits with 1 when a metric or a file differs.
    """
    from flows.commands import output
    from flows.session.runtime import begin, cloud_that_stays
    from flows.session.signals import ending_on_signals
    from tasks.reproduction.repeat import reproduce as repeat

    case = use_case_of(options)  # invalid arguments are reported before anything starts
    output.show_progress()
    with ending_on_signals(), cloud_that_stays():
        begin(options.use_case or case.name)
        result = repeat(case, package_of(case, options))
    return report(result)


def report(result: "Reproduction") -> int:
    """Print the metrics as a table, and the verdict. Returns the exit status: 0 for the same, else 1."""
    from flows.commands.output import console, table

    figures = ("recorded", "again", "difference")
    compared = table("metric", *figures, right=figures, whole=figures)
    for figure in result.figures:
        compared.add_row(*_cells(figure))
    console.print(compared)
    console.print(f"{result.model_package_arn}: {result.verdict}", markup=False, soft_wrap=True)
    return 0 if result.same else 1


def _cells(figure: "Figure") -> list[str]:
    values = ["undefined" if value is None else f"{value:.9f}" for value in (figure.recorded, figure.again)]
    return [figure.name, *values, f"{figure.difference:.1e}"]
