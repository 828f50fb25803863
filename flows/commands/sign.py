"""`vishwaops sign`: signs a version that an earlier version of VishwaOps registered."""

import argparse

from config.use_case import load_use_case
from flows.commands.champion import version_number
from flows.commands.subcommand import USE_CASE, Subcommands, add, add_profile, written_reason


def add_to(commands: Subcommands) -> None:
    """Add `sign`."""
    parser = add(commands, sign)
    parser.add_argument("--use-case", required=True, metavar="NAME", help=USE_CASE)
    parser.add_argument("--version", required=True, type=version_number, metavar="N", help="the version to sign")
    parser.add_argument(
        "--reason", type=written_reason, required=True, metavar="TEXT", help="why its archive can be trusted"
    )
    add_profile(parser)


def sign(options: argparse.Namespace) -> None:
    """Sign a registered version without a signature, if its archive is the one that was registered."""
    from flows.commands.output import console, show_progress
    from flows.session.runtime import begin, cloud_that_stays
    from tasks.signed_packages import sign_version

    load_use_case(options.use_case)  # invalid arguments are reported before anything starts
    show_progress()
    with cloud_that_stays():
        case = begin(options.use_case)
        signed = sign_version(case, options.version, options.reason)
    console.print(
        f"{case.name}: version {options.version} is signed, {len(signed.files)} files, by the key {signed.key}",
        soft_wrap=True,
    )
