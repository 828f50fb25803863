"""The memory of an instance type as a limit of its jobs: optional, by `--memory-limit`."""

from __future__ import annotations

import os
import time
from pathlib import Path

from sagemaker_local.instance_types import InstanceType
from sagemaker_local.sandbox import Process, descendants

VARIABLE = "SAGEMAKER_LOCAL_MEMORY_LIMIT"
_EVERY = 0.2


def limit(instance_type: str) -> int | None:
    """Bytes that a job may use on an instance of this type, or None without a limit.

    The variable SAGEMAKER_LOCAL_MEMORY_LIMIT (or `--memory-limit`) is the allowed share of the type's memory
    on this machine: 1 for all of it, 0.25 for a machine with a quarter of it.
    """
    part = float(os.environ.get(VARIABLE) or 0)
    return int(InstanceType.of(instance_type).memory * part) or None


def exceeds(process: Process, limit: int) -> bool:
    """Watches a process and its descendants; True as soon as they use more than `limit` bytes, False at its end."""
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
    """Bytes that a process uses; shared memory is counted in proportion."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
