"""How a group's functions become subcommands."""

import argparse

import pytest

from config.profile import VARIABLE
from flows.commands.subcommand import add, add_profile, default_profile


def shows_all(options: argparse.Namespace) -> None:
    """Show all of it."""


def list_(options: argparse.Namespace) -> None:
    """List it."""


@pytest.fixture
def parser(monkeypatch: pytest.MonkeyPatch) -> argparse.ArgumentParser:
    """A command with the subcommands `shows-all`, which runs on AWS too, and `list`."""
    monkeypatch.setenv(VARIABLE, "aws")
    found = argparse.ArgumentParser()
    commands = found.add_subparsers()
    add_profile(add(commands, shows_all))
    add(commands, list_)
    return found


def test_a_function_s_name_and_docstring_are_the_command_s_name_and_help(parser: argparse.ArgumentParser) -> None:
    assert parser.parse_args(["shows-all"]).command is shows_all
    assert parser.parse_args(["list"]).command is list_
    assert "Show all of it." in parser.format_help()


def test_the_environment_names_the_profile_and_the_argument_overrides_it(parser: argparse.ArgumentParser) -> None:
    assert default_profile() == "aws"
    assert parser.parse_args(["shows-all"]).profile == "aws"
    assert parser.parse_args(["list"]).profile == "aws"
    assert parser.parse_args(["shows-all", "--profile", "offline"]).profile == "offline"


def test_a_command_is_quiet_unless_verbose(parser: argparse.ArgumentParser) -> None:
    assert not parser.parse_args(["list"]).verbose
    assert parser.parse_args(["list", "--verbose"]).verbose


def test_without_a_variable_the_profile_is_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert default_profile() == "offline"
