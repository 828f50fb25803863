"""How a group's functions become subcommands."""

import argparse

import pytest

from config.profile import VARIABLE
from flows.commands.main import main
from flows.commands.subcommand import add, add_profile, default_profile, written_reason


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


@pytest.mark.parametrize("text", ["", " \t", "x" * 901])
def test_a_reason_is_neither_blank_nor_longer_than_sagemaker_stores(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="expected a text of at most 900 characters, found"):
        written_reason(text)
    assert written_reason(" fair ") == "fair"


@pytest.mark.parametrize(
    "arguments",
    [
        ("approve", "--version", "1", "--reason", " "),
        ("sign", "--version", "0", "--reason", "x"),
        ("rollback", "--reason", "x" * 2000),
        ("audit", "show", "--last", "0"),
    ],
)
def test_arguments_that_no_release_can_have_are_refused_before_anything_starts(arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--use-case", "student_grades"])
    assert ended.value.code == 2
