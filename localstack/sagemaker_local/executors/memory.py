"""The memory of an instance type, as a limit for what runs there: opt-in, by `--memory-limit`."""

from __future__ import annotations

import os
import time
from pathlib import Path

from sagemaker_local.instance_types import InstanceType
from sagemaker_local.sandbox import Process, descendants

VARIABLE = "SAGEMAKER_LOCAL_MEMORY_LIMIT"
_EVERY = 0.2


def limit(instance_type: str) -> int | None:
    """Bytes that a job may hold on an instance of this type, or None where nothing limits it.

    The variable SAGEMAKER_LOCAL_MEMORY_LIMIT (or `--memory-limit`) says which part of the type's memory counts on
    this machine: 1 for all of it, 0.25 for a machine with a quarter of it.
    """
    part = float(os.environ.get(VARIABLE) or 0)
    return int(InstanceType.of(instance_type).memory * part) or None


def exceeds(process: Process, limit: int) -> bool:
    """Watches a process and all that it started; True as soon as they hold more bytes, False once it has ended."""
    while process.running:
        if sum(map(_resident, descendants(process.pid))) > limit:
            return True
        time.sleep(_EVERY)
    return False


def failure(kind: str) -> str:
    """AWS's FailureReason of a job of this kind that ran out of memory."""
    data = "training data" if kind == "TrainingJob" else "job data"
    return (
        f"ClientError: Please use an instance type with more memory, or reduce the size of {data} processed on an "
        "instance., exit code: 137"
    )


def _resident(pid: int) -> int:
    """Bytes that a process holds, what it shares with others counted in part."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
