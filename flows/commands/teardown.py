"""`vishwaops teardown`: deletes what the flows created, before Terraform destroys the platform."""

import argparse

from config.errors import ConfigError
from flows.commands.subcommand import Subcommands, add, add_profile


def add_to(commands: Subcommands) -> None:
    """Add `teardown`."""
    parser = add(commands, teardown)
    parser.add_argument("--use-case", action="append", metavar="NAME", help="only this one's; may be repeated")
    parser.add_argument("--feature-groups", action="store_true", help="also feature groups; their offline store stays")
    parser.add_argument("--delete", metavar="ENVIRONMENT", help="delete them; the environment's name confirms it")
    add_profile(parser)


def teardown(options: argparse.Namespace) -> None:
    """List what the flows created in an environment: jobs, endpoints, models, model packages. Or delete it."""
    from config.profile import active_profile
    from flows.commands.output import console
    from flows.session.runtime import cloud_that_stays, connect
    from tasks.platform import platform
    from tasks.platform.teardown import STOPPED, find, remove

    environment = active_profile().environment
    if options.delete not in (None, environment):
        raise ConfigError(f"--delete: expected {environment}, the environment of the profile; found {options.delete!r}")
    with cloud_that_stays():
        connect()
        use_cases = _use_cases(platform().use_cases, options.use_case)
        found = find(platform(), use_cases, feature_groups=options.feature_groups)
        for leftover in found:
            if options.delete:
                remove(leftover)
            done = ("stopped" if leftover.kind in STOPPED else "deleted") if options.delete else "exists"
            console.print(f"{done:8} {leftover.kind}  {leftover.name}", soft_wrap=True)
    if not found:
        console.print(f"Nothing that the flows created is left in {environment}")
    elif not options.delete:
        console.print(f"{len(found)} resources. To delete them: vishwaops teardown --delete {environment}")


def _use_cases(known: tuple[str, ...], asked: list[str] | None) -> tuple[str, ...]:
    if unknown := sorted({*(asked or ())} - {*known}):
        raise ConfigError(
            f"--use-case: expected one of {', '.join(known)}, which the environment has; found {', '.join(unknown)}"
        )
    return tuple(asked or known)
