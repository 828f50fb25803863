import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config import profile
from flows.commands.main import main
from flows.session.prefect_server import ADDRESS
from tasks.progress import log
from tests.patience import PATIENCE
from tests.small_jobs import code, sagemaker

PROJECT = Path(__file__).parents[2]
STUDENT_DATA = PROJECT.parent / "shared" / "data"

Command = Callable[..., tuple[int, str]]
__all__ = ["code", "sagemaker"]


@pytest.fixture
def own_prefect(prefect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command that the test starts has a Prefect server of its own, as without PREFECT_API_URL."""
    monkeypatch.delenv(ADDRESS)


@pytest.fixture(scope="session")
def dropout_data() -> Path:
    """The file of UCI 697, if it is on this machine."""
    path = Path(os.environ.get("VISHWAOPS_TEST_DATA", STUDENT_DATA)) / "uci697_dropout.csv"
    if not path.is_file():
        pytest.skip(f"student data is not on this machine: {path.name}, looked for in $VISHWAOPS_TEST_DATA")
    return path


@pytest.fixture
def command(prefect: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs the command `vishwaops` in this process. Returns its exit status and its output."""
    monkeypatch.setenv(profile.VARIABLE, "offline")
    monkeypatch.setenv("PREFECT_LOGGING_LEVEL", os.environ.get("PREFECT_LOGGING_LEVEL", "CRITICAL"))

    def run(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        with log_as_it_was():
            status = main(arguments)
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return run


@contextmanager
def log_as_it_was() -> Iterator[None]:
    """The command line prints each progress line; the next command of this process must not print it twice."""
    before = log.handlers[:], log.propagate
    try:
        yield
    finally:
        log.handlers[:], log.propagate = before


@contextmanager
def running(*command: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """Start a program with this environment's Python, with stdout and stderr combined. It is ended at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=PROJECT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "COLUMNS": "200", **environment},
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
            process.wait()


def start(*arguments: str) -> subprocess.Popen[str]:
    """Start the command `vishwaops` as a child process, with stdout and stderr combined."""
    return subprocess.Popen(
        [sys.executable, "-m", "flows.commands.entry_point", *arguments],
        cwd=PROJECT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "COLUMNS": "200"},
    )


def vishwaops(*arguments: str) -> tuple[int, str]:
    """Run the command `vishwaops` as a child process. Returns its exit status and its output."""
    process = start(*arguments)
    output, _ = process.communicate(timeout=PATIENCE)
    return process.returncode, output
