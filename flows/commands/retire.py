"""`vishwaops retire`: removes what serves a use case."""

import argparse

from config.use_case import load_use_case
from flows.commands.subcommand import USE_CASE, Subcommands, add, add_profile


def add_to(commands: Subcommands) -> None:
    """Add `retire`."""
    parser = add(commands, retire)
    parser.add_argument("--use-case", required=True, metavar="NAME", help=USE_CASE)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    add_profile(parser)


def retire(options: argparse.Namespace) -> int:
    """Remove a use case's endpoint, its configurations and models. Registry, data and audit log stay."""
    from flows.commands.output import console, show_progress
    from flows.session.runtime import begin, cloud_that_stays
    from tasks.release import retire as retiring

    load_use_case(options.use_case)  # invalid arguments are reported before anything starts
    show_progress()
    with cloud_that_stays():
        case = begin(options.use_case)
        found = retiring.what_serves(case)
        if not found:
            console.print(f"{case.name}: nothing serves it")
            return 0
        for each in found:
            console.print(each, markup=False, soft_wrap=True)
        if not options.yes and not _confirmed(case.name):
            console.print("Nothing was removed")
            return 1
        removed = retiring.retire(case)
    console.print(
        f"{case.name}: removed {len(removed)} resources. The registry's versions, the data and the audit log stay. "
        f"To serve the champion again: vishwaops run deploy --use-case {options.use_case}",
        soft_wrap=True,
    )
    return 0


def _confirmed(name: str) -> bool:
    """Ask on the terminal. Without one, the answer is no."""
    try:
        return input(f"Remove them? Clients of the endpoint get errors. Type {name} to confirm: ").strip() == name
    except EOFError:
        return False
