"""Adds subcommands to the parser of `vishwaops`."""

import argparse
import os
from collections.abc import Callable
from typing import Any

from config import profile

USE_CASE = "a name in config/use_cases/, or the path of a YAML file"
"""The help of `--use-case`."""
LONGEST_REASON = 900
"""Characters of a reason. SageMaker stores at most 1,024, with the status and a name before it."""
Subcommands = Any
"""The type of the result of `ArgumentParser.add_subparsers`."""


def add(commands: Subcommands, command: Callable[[argparse.Namespace], int | None]) -> argparse.ArgumentParser:
    """Add a subcommand. Its name is the function's name with hyphens, and its help is the docstring."""
    name = command.__name__.strip("_").replace("_", "-")
    parser: argparse.ArgumentParser = commands.add_parser(name, help=command.__doc__, description=command.__doc__)
    parser.add_argument("--verbose", action="store_true", help="show Prefect's own log, and the traceback of an error")
    parser.set_defaults(command=command, profile=default_profile())
    return parser


def add_profile(parser: argparse.ArgumentParser) -> None:
    """Add `--profile`, for a subcommand that runs on AWS too."""
    parser.add_argument(
        "--profile", default=default_profile(), choices=profile.profile_names(), help="offline (the default) or aws"
    )


def written_reason(text: str) -> str:
    """Return the reason, or the name, in an argument. Raises ArgumentTypeError for a blank one, and for a long one."""
    if not text.strip() or len(text) > LONGEST_REASON:
        found = f"{len(text):,} characters" if text.strip() else "a blank one"
        raise argparse.ArgumentTypeError(f"expected a text of at most {LONGEST_REASON:,} characters, found {found}")
    return text.strip()


def default_profile() -> str:
    """Return the profile that VISHWAOPS_PROFILE names, else `offline`."""
    return os.environ.get(profile.VARIABLE, "offline")
