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
from pathlib import Path


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
    measures = {"seconds": seconds, "processor_seconds": used, "peak_mb": _peak_mb()}
    print(json.dumps(measures))  # noqa: T201


def _peak_mb() -> float:
    """The peak memory of this process or of an ended child. Linux's ru_maxrss has the parent's too, VmHWM has not."""
    own = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return max(int(own.split()[1]), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1000


if __name__ == "__main__":
    main(*sys.argv[1:])
