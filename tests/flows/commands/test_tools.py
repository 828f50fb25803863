"""`vishwaops prefect` and `vishwaops mlflow` replace this process. The tests record the command instead."""

import os
import sys
from pathlib import Path

import pytest

from flows.commands.main import main

Became = list[list[str]]


@pytest.fixture
def became(monkeypatch: pytest.MonkeyPatch) -> Became:
    """The recorded commands."""
    programs: Became = []
    monkeypatch.setattr(os, "execv", lambda path, arguments: programs.append([path, *arguments]))
    return programs


def test_prefect_gets_every_argument_as_it_was_written(became: Became) -> None:
    assert main(["prefect", "deployment", "run", "--help", "--", "-x"]) == 0
    module = ["-m", "flows.session.prefect_command"]
    assert became == [[sys.executable, sys.executable, *module, "deployment", "run", "--help", "--", "-x"]]


def test_mlflow_opens_the_project_s_own_database(
    became: Became, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_BACKEND_STORE_URI"):
        monkeypatch.setenv(name, "")  # so that what the command sets is taken away again
        monkeypatch.delenv(name)
    assert main(["mlflow", "ui", "--port", "1"]) == 0
    assert became[0][2:] == ["-m", "mlflow", "ui", "--port", "1"]
    uri = os.environ["MLFLOW_TRACKING_URI"]
    assert uri == os.environ["MLFLOW_BACKEND_STORE_URI"]
    assert Path(uri.removeprefix("sqlite:///")).is_file()


def test_an_address_that_the_user_names_stays(became: Became, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    elsewhere = f"sqlite:///{tmp_path}/mine.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", elsewhere)
    monkeypatch.setenv("MLFLOW_BACKEND_STORE_URI", elsewhere)
    assert main(["mlflow", "ui"]) == 0
    assert os.environ["MLFLOW_TRACKING_URI"] == elsewhere
