"""Prefect's own command, run in this process as `vishwaops prefect` runs it."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import uvicorn.config

from flows.session import prefect_command
from flows.session.prefect_database import OTHER_DATABASE
from sagemaker_local.loopback_only import UVICORN_VARIABLE

Prefect = Callable[..., int]


@pytest.fixture
def prefect_cli(monkeypatch: pytest.MonkeyPatch) -> Prefect:
    """Runs the command with these arguments, and returns its exit status."""
    monkeypatch.setitem(uvicorn.config.HTTP_PROTOCOLS, "auto", "h11")

    def run(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["prefect_command.py", *arguments])
        with pytest.raises(SystemExit) as ended:
            prefect_command.main()
        return int(ended.value.code or 0)

    return run


def test_a_server_in_the_foreground_would_refuse_other_machines(
    prefect_cli: Prefect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OTHER_DATABASE[0], "sqlite+aiosqlite:///:memory:")
    assert prefect_cli("--version") == 0
    assert uvicorn.config.HTTP_PROTOCOLS["auto"] == os.environ[UVICORN_VARIABLE]


def test_a_database_that_the_user_names_is_left_to_prefect(
    prefect_cli: Prefect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(OTHER_DATABASE[0], "sqlite+aiosqlite:///:memory:")
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    assert prefect_cli("no-such-command") != 0
    assert list(tmp_path.iterdir()) == []
    printed = capsys.readouterr()
    assert "prefect_command" not in printed.out + printed.err
