"""A flow whose jobs end only when they are stopped: it trains in threads, or evaluates in the flow's own thread.

`python -m tests.flows.endless_flow STAGE SOURCE_DIR PREFIX` runs it as the command line runs the lifecycle.
"""

import signal
import sys
from collections.abc import Callable
from typing import Any

from prefect import flow, task

from flows.session.active_run import active_run, results
from flows.session.hooks import stop_jobs
from flows.session.runtime import PARALLEL_TASKS, begin
from flows.session.signals import ending_on_signals
from tasks import names
from tests.small_jobs import USE_CASE, process, train

JOBS = {"train": 2, "evaluate": 1}
"""How many jobs it runs, by stage."""
ENTRYPOINT = "tests.flows.endless_flow.endless"


@task
def run_job(stage: str, source_dir: str, prefix: str) -> str:
    """Run a job as the stages do; returns its name."""
    runs: dict[str, Callable[..., Any]] = {"train": train, "evaluate": process}
    return str(runs[stage](source_dir, prefix).name)


@flow(task_runner=PARALLEL_TASKS, on_cancellation=[stop_jobs], on_crashed=[stop_jobs], persist_result=False)
def endless(use_case: str, stage: str, source_dirs: list[str], prefix: str) -> list[str]:
    """Run each script of `source_dirs` in a job of `stage`, whose name begins with `prefix`; returns their names."""
    begin(use_case)
    with active_run(use_case, names.stamp()):
        if stage == "evaluate":
            return [run_job(stage, source_dirs[0], prefix)]
        return results([run_job.submit(stage, each, f"{prefix}-{number}") for number, each in enumerate(source_dirs)])


def main() -> int:
    """Run the flow; returns the exit status of the command line."""
    stage, source_dir, prefix = sys.argv[1:]
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # tests that run by nohup ignore it
    try:
        with ending_on_signals():
            endless(USE_CASE, stage, [source_dir] * JOBS[stage], prefix)
    except KeyboardInterrupt as interrupt:
        return int(getattr(interrupt, "status", 1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
