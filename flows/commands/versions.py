"""Finds the version that a command is about: by `--model ARN`, or by `--use-case` and `--version`."""

import argparse
from collections.abc import Mapping
from typing import Any

from config.errors import ConfigError
from config.use_case import UseCase, load_use_case, use_case_names
from flows.commands.champion import version_number
from flows.commands.subcommand import USE_CASE


def add_version(parser: argparse.ArgumentParser) -> None:
    """Add `--use-case`, `--model` and `--version`."""
    parser.add_argument("--use-case", metavar="NAME", help=f"{USE_CASE}; by default that of the ARN or the ID")
    parser.add_argument("--model", metavar="ARN", help="a version, by the ARN of its model package")
    parser.add_argument("--version", type=version_number, metavar="N", help="a version of --use-case, by its number")


def use_case_of(options: argparse.Namespace) -> UseCase:
    """Return the use case that is named, or whose model package group the ARN has. Raises ConfigError without one."""
    if options.use_case:
        return load_use_case(options.use_case)
    if options.model:
        group = _group(options.model)
        for case in map(load_use_case, use_case_names()):
            if case.slug == group:
                return case
        raise ConfigError(
            f"--model: expected the ARN of a version of a use case in config/use_cases/; found {options.model!r}. Give "
            "--use-case with the path of its YAML file"
        )
    raise ConfigError("expected --model ARN, or --use-case NAME and --version N; found neither")


def package_of(use_case: UseCase, options: argparse.Namespace) -> Mapping[str, Any]:
    """Describe the version. Raises ConfigError unless one is named, and MissingInput when it does not exist."""
    from config.errors import MissingInput
    from tasks.platform import platform
    from tasks.sagemaker import registry

    if bool(options.model) == bool(options.version):
        raise ConfigError("expected either --model ARN or --version N; found both, or none")
    group = platform().model_package_group(use_case.name)
    if options.model and _group(options.model) != use_case.slug:
        raise ConfigError(f"--model: expected a version of {use_case.slug}, found {options.model!r}")
    found = registry.find_package(options.model) if options.model else registry.find_version(group, options.version)
    if found is None:
        raise MissingInput(
            f"{use_case.name}: expected a registered version, found no {options.model or f'version {options.version}'}."
            f" List them: vishwaops champion --use-case {use_case.name}"
        )
    return found


def _group(arn: str) -> str:
    return arn.split("/")[-2:][0].lower()
