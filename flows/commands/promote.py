"""`vishwaops promote`: copies an approved model of another environment into this environment's model registry."""

import argparse
from typing import TYPE_CHECKING

from config.use_case import UseCase, load_use_case
from flows.commands.subcommand import USE_CASE, Subcommands, add, add_profile

if TYPE_CHECKING:
    from flows.promotion import Promotion


def add_to(commands: Subcommands) -> None:
    """Add `promote`."""
    parser = add(commands, promote)
    parser.add_argument("--use-case", required=True, metavar="NAME", help=USE_CASE)
    parser.add_argument(
        "--from", dest="source", required=True, metavar="ARN", help="the version in the other environment"
    )
    parser.add_argument("--approve", action="store_true", help="register it as Approved; else it waits for a person")
    add_profile(parser)


def promote(options: argparse.Namespace) -> None:
    """Verify an approved model of another environment, copy it, and register it in this environment."""
    from flows.commands import output
    from flows.promotion import promote as promoted
    from flows.session.runtime import begin, cloud_that_stays
    from flows.session.signals import ending_on_signals

    load_use_case(options.use_case)  # invalid arguments are reported before anything starts
    output.show_progress()
    with ending_on_signals(), cloud_that_stays():
        case = begin(options.use_case)
        _show(case, options.use_case, promoted(case, options.source, approved=options.approve))


def _show(case: UseCase, given: str, done: "Promotion") -> None:
    from flows.commands.output import console
    from tasks.champion import find
    from tasks.sagemaker.registry import version_of

    found, registered = done.evaluation, done.registration
    lines = [
        f"{case.name}: version {registered.version} is {registered.status}. It is version "
        f"{version_of(done.source.arn)} of account {done.source.arn.split(':')[4]}",
        f"evaluated there on {found.rows:,} held-out rows: {found.primary} {found.metrics[found.primary]:.4f}, naive "
        f"{found.baseline[found.primary]:.4f}",
        *(f"passes {gate}: {found.metrics[gate.metric]:.4f}" for gate in case.evaluation.gates),
    ]
    if now := find(case):
        lines.append(f"the champion here is version {now.version}; it was evaluated on other rows")
    if registered.status != "Approved":
        lines.append(
            f"To approve it: vishwaops approve --use-case {given} --version {registered.version} --reason TEXT"
        )
    lines.append(f"To make it the champion: vishwaops champion --use-case {given} --set {registered.version}")
    lines.append(f"To deploy the champion: vishwaops run deploy --use-case {given}")
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)
