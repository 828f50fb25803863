"""`vishwaops rollback`: serves an earlier version again."""

import argparse

from config.use_case import load_use_case
from flows.commands.champion import version_number
from flows.commands.subcommand import USE_CASE, Subcommands, add, add_profile, written_reason


def add_to(commands: Subcommands) -> None:
    """Add `rollback`."""
    parser = add(commands, rollback)
    parser.add_argument("--use-case", required=True, metavar="NAME", help=USE_CASE)
    parser.add_argument("--to", type=version_number, metavar="VERSION", help="instead of the champion before this one")
    parser.add_argument("--reason", type=written_reason, metavar="TEXT", help="why, for the records")
    add_profile(parser)


def rollback(options: argparse.Namespace) -> None:
    """Serve an earlier version of a use case's model, which is tested before the switch."""
    from flows.commands import output
    from flows.commands.output import console
    from flows.rollback import rollback as roll_back
    from flows.session.runtime import begin, cloud_that_stays
    from flows.session.signals import ending_on_signals
    from tasks.caller import person

    load_use_case(options.use_case)  # invalid arguments are reported before anything starts
    output.show_progress()
    with ending_on_signals(), cloud_that_stays():
        case = begin(options.use_case)
        why = f"rolled back by {person()}" + (f": {options.reason}" if options.reason else "")
        done = roll_back(case, options.to, why)
        console.print(
            f"{case.name}: {done.headline}. The next lifecycle does not undo this: a version that was champion before "
            "is not promoted again",
            soft_wrap=True,
            markup=False,
        )
