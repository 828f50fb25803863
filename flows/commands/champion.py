"""`vishwaops champion`: shows the versions of a model and its champion, and changes the champion."""

import argparse
from datetime import UTC
from typing import Any

from config.use_case import UseCase, load_use_case
from flows.commands.subcommand import USE_CASE, Subcommands, add, add_profile

SHOWN = 20
"""The number of versions in the table, newest first."""


def add_to(commands: Subcommands) -> None:
    """Add `champion`."""
    parser = add(commands, champion)
    parser.add_argument("--use-case", required=True, metavar="NAME", help=USE_CASE)
    parser.add_argument("--set", type=version_number, metavar="VERSION", help="make this version the champion")
    add_profile(parser)


def version_number(text: str) -> int:
    """Return the version in an argument. Raises ArgumentTypeError for another text."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"expected a version, such as 3; found {text!r}")
    return int(text)


def champion(options: argparse.Namespace) -> None:
    """Show the versions of a use case's model and the champion, or make another version the champion."""
    from flows.commands import output
    from flows.session.runtime import begin, cloud_that_stays

    load_use_case(options.use_case)  # invalid arguments are reported before anything starts
    output.show_progress()
    with cloud_that_stays():
        case = begin(options.use_case)
        if options.set:
            _set(case, options.use_case, options.set)
        else:
            _show(case)


def _set(case: UseCase, given: str, version: int) -> None:
    from flows.commands.output import console
    from flows.decided import show_decision
    from tasks.champion import move, read

    before = read(case)
    now = move(case, version, "set by vishwaops champion --set")
    show_decision(case, now.model_package_arn)
    if before and before.version == now.version:
        console.print(f"{case.name}: version {now.version} is already the champion")
    else:
        previous = f"version {before.version}" if before else "none"
        console.print(f"{case.name}: the champion is now version {now.version} (before: {previous})")
    served = _served(case)
    serving = f"serves version {served}" if served else "does not serve a version yet"
    if served == now.version:
        console.print(f"The endpoint already serves version {served}. No deployment is needed")
    else:
        console.print(
            f"The endpoint {serving}. To deploy version {now.version}: vishwaops run deploy --use-case {given}",
            soft_wrap=True,
        )


def _served(case: UseCase) -> int | None:
    from tasks.deploy import served_version
    from tasks.platform import platform
    from tasks.sagemaker.endpoints import find_endpoint

    return served_version(case, find_endpoint(platform().endpoint(case.name)))


def _show(case: UseCase) -> None:
    from flows.commands.output import console
    from tasks.champion import read
    from tasks.platform import platform
    from tasks.sagemaker import registry

    now, served = read(case), _served(case)
    roles = {"champion": now.version if now else None, "serving": served}
    summaries = registry.newest_packages(platform().model_package_group(case.name), limit=SHOWN)
    for summary in summaries:
        for text in _lines(registry.describe_package(summary["ModelPackageArn"]), roles):
            console.print(text, markup=False, soft_wrap=True)
    if not summaries:
        console.print(f"{case.name}: no version is registered yet", markup=False)
    if now:
        console.print(f"champion: {now.headline}", markup=False, soft_wrap=True)


def _lines(package: dict[str, Any], roles: dict[str, int | None]) -> list[str]:
    """What a version is, and the reason of its status; `roles` has the version in each role."""
    from tasks.sagemaker import registry

    version, facts = package["ModelPackageVersion"], registry.facts_of(package)
    parts = (
        f"{version:<4}",
        package["ModelApprovalStatus"],
        f"{facts['metric']} {facts['value']}" if "value" in facts else "",
        f"{package['CreationTime'].astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        ", ".join(role for role, its in roles.items() if its == version),
    )
    reason = package.get("ApprovalDescription")
    return ["  ".join(part for part in parts if part), *([f"      {reason}"] if reason else [])]
