"""`vishwaops use-cases` and `vishwaops suite`: lists the use cases, and builds their suites."""

import argparse

from config.use_case import load_use_case, use_case_names
from flows.commands.subcommand import USE_CASE, Subcommands, add


def add_to(commands: Subcommands) -> None:
    """Add `use-cases` and `suite`."""
    add(commands, use_cases)
    building = add(commands, suite)
    building.add_argument(
        "--use-case", action="append", required=True, metavar="NAME", help=f"{USE_CASE}; may be repeated"
    )


def use_cases(options: argparse.Namespace) -> None:
    """List the use cases and their questions."""
    for name in use_case_names():
        print(f"{name:<22} {load_use_case(name).question}")


def suite(options: argparse.Namespace) -> None:
    """Build the Great Expectations suites of use cases from their schemas."""
    from tasks.rows.suites import save_suite

    for name in options.use_case:
        print(save_suite(load_use_case(name)))
