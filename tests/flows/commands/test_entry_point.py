"""The installed command."""

import sys
from typing import NoReturn

import pytest

from flows.commands import entry_point
from flows.commands import main as module
from flows.commands.exit_status import INTERRUPTED


def test_it_runs_the_command_of_this_process_s_arguments(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["vishwaops", "use-cases"])
    assert entry_point.main() == 0
    assert "cake_popularity" in capsys.readouterr().out


def test_ctrl_c_before_any_subcommand_runs_ends_it_in_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt() -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "main", interrupt)
    assert entry_point.main() == INTERRUPTED == 130
    assert capsys.readouterr().err == "vishwaops: interrupted\n"
