"""`vishwaops approve` and `vishwaops reject`: a person's decision about a version that waits for it."""

import argparse

from config.use_case import load_use_case
from flows.commands.champion import version_number
from flows.commands.subcommand import USE_CASE, Subcommands, add, add_profile, written_reason


def add_to(commands: Subcommands) -> None:
    """Add `approve` and `reject`."""
    for command in (approve, reject):
        parser = add(commands, command)
        parser.add_argument("--use-case", required=True, metavar="NAME", help=USE_CASE)
        parser.add_argument("--version", type=version_number, required=True, metavar="N", help="the version")
        parser.add_argument(
            "--reason", type=written_reason, required=True, metavar="TEXT", help="why, for the audit log"
        )
        parser.add_argument("--overrule", action="store_true", help="also replace a decision of the gates or a person")
        parser.add_argument(
            "--by", type=written_reason, metavar="NAME", help="who decides, instead of the user of this session"
        )
        add_profile(parser)


def approve(options: argparse.Namespace) -> None:
    """Approve a version that waits for a decision, and make it the champion."""
    _decide(options, approved=True)


def reject(options: argparse.Namespace) -> None:
    """Reject a version that waits for a decision."""
    _decide(options, approved=False)


def _decide(options: argparse.Namespace, *, approved: bool) -> None:
    from flows.commands.output import console, show_progress
    from flows.decided import show_decision
    from flows.session.runtime import begin, cloud_that_stays
    from tasks.caller import person
    from tasks.release.decision import decide

    load_use_case(options.use_case)  # invalid arguments are reported before anything starts
    show_progress()
    with cloud_that_stays():
        case = begin(options.use_case)
        name = options.by or person()
        decided = decide(
            case, options.version, approve=approved, name=name, reason=options.reason, overrule=options.overrule
        )
        show_decision(case, decided.model_package_arn)
    console.print(f"{case.name}: {decided}", markup=False, soft_wrap=True)
    if approved and not decided.not_promoted:
        console.print(
            f"To deploy it and to score with it: vishwaops run lifecycle --use-case {options.use_case}", soft_wrap=True
        )
