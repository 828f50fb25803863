import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.testing.utilities import prefect_test_harness

PROJECT = Path(__file__).parents[2]
STUDENT_DATA = PROJECT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def prefect(bucket: str) -> Iterator[None]:
    """A Prefect server for the flows that run in this process."""
    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture(scope="session")
def dropout_data() -> Path:
    """UCI 697, which lies beside the project where there is one."""
    path = Path(os.environ.get("VISHWAOPS_TEST_DATA", STUDENT_DATA)) / "uci697_dropout.csv"
    if not path.is_file():
        pytest.skip(f"student data is not on this machine: {path.name}, looked for in $VISHWAOPS_TEST_DATA")
    return path


def start(*arguments: str) -> subprocess.Popen[str]:
    """Start the command `vishwaops` as a process of its own, its output together."""
    return subprocess.Popen(
        [sys.executable, "-m", "flows.command_line", *arguments],
        cwd=PROJECT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "COLUMNS": "200"},
    )


def vishwaops(*arguments: str) -> tuple[int, str]:
    """Run the command `vishwaops` to its end; return its exit status and what it printed."""
    process = start(*arguments)
    output, _ = process.communicate(timeout=240)
    return process.returncode, output
