"""Measures a piece of work in a process of its own: `python -m tests.benchmarks.measured MODULE WORK [ARGUMENT ...]`.

MODULE has a mapping WORKS from names to functions. A function imports what it needs, and returns what is measured, a
callable without arguments: the time is that call's, the peak memory that of the largest process.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """The cost of one piece of work."""

    seconds: float
    processor_seconds: float
    peak_mb: float


def measure(module: str, work: str, *arguments: str, environment: Mapping[str, str]) -> Measured:
    """Run one piece of work in a new process. Raises CalledProcessError when it fails."""
    command = [sys.executable, "-m", __name__, module, work, *arguments]
    answer = subprocess.run(command, env={**os.environ, **environment}, stdout=subprocess.PIPE, check=True, text=True)
    return Measured(**json.loads(answer.stdout.splitlines()[-1]))


def median(runs: Sequence[Measured]) -> Measured:
    """The median of each figure."""
    return Measured(
        statistics.median(run.seconds for run in runs),
        statistics.median(run.processor_seconds for run in runs),
        statistics.median(run.peak_mb for run in runs),
    )


def main(module: str, work: str, *arguments: str) -> None:
    """Do the work and print its cost as JSON."""
    measured = importlib.import_module(module).WORKS[work](*arguments)
    began, processor = time.perf_counter(), time.process_time()
    measured()
    seconds, used = time.perf_counter() - began, time.process_time() - processor
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1000
    print(json.dumps({"seconds": seconds, "processor_seconds": used, "peak_mb": peak}))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
