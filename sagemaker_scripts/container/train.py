"""`train`: runs the script of a training job.

Exit code 0 means success. A failure has its reason in /opt/ml/output/failure, and the script's exit code.
"""

import os
import sys
from pathlib import Path

from container import code, failure, folders, user
from container.failure import ContainerFailure
from container.script import Script
from container.training_job import TrainingJob


def main() -> int:
    """Run the job below /opt/ml, and return the exit code of the container."""
    base, script = folders.base(), Script()
    try:
        return _run(base, script)
    except ContainerFailure as problem:
        failure.report(base, str(problem))
        return 1


def _run(base: Path, script: Script) -> int:
    job = TrainingJob.read(base)
    inputs = base / "input"
    # /opt/ml/output itself too, for the file `failure`.
    user.become(
        writes=[*job.outputs, base / "output"], reads=[inputs / "config", *(job.channel(name) for name in job.channels)]
    )
    command = [sys.executable, str(code.take(job)), *job.arguments()]
    print(f"Running {' '.join(command)}", flush=True)
    environment = {**os.environ, **job.variables(), "PYTHONPATH": folders.python_path(job.code)}
    ended = script.run(command, environment, job.code)
    if ended and not script.stopped:
        failure.report(base, failure.reason(job.program, ended, script.errors.decode(errors="replace")))
    return ended
