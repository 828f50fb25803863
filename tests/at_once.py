"""Runs Python code in several processes at the same time."""

import subprocess
import sys
from collections.abc import Mapping

from tests.patience import PATIENCE


def run_at_once(code: str, *environments: Mapping[str, str]) -> list[str]:
    """Return the standard output of one process per environment. All of them must succeed."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for environment in environments
    ]
    outputs = [process.communicate(timeout=PATIENCE) for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes), outputs
    return [output for output, _ in outputs]
