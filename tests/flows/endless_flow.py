"""A flow whose jobs end only when they are stopped: it trains in threads, or evaluates in the flow's own thread."""

from collections.abc import Callable
from typing import Any

from prefect import flow, task

from flows.session.active_run import active_run, results
from flows.session.hooks import stop_jobs
from flows.session.runtime import PARALLEL_TASKS, begin
from tasks import names
from tests.small_jobs import process, train


@task
def run_job(run: str, source_dir: str, prefix: str) -> str:
    """Run a job as the stages do; returns its name."""
    runs: dict[str, Callable[..., Any]] = {"train": train, "evaluate": process}
    return str(runs[run](source_dir, prefix).name)


@flow(task_runner=PARALLEL_TASKS, on_cancellation=[stop_jobs], on_crashed=[stop_jobs], persist_result=False)
def endless(use_case: str, stage: str, source_dir: str, prefix: str) -> list[str]:
    """Run the script of `source_dir` in jobs of `stage`, whose names begin with `prefix`; returns their names."""
    begin(use_case)
    with active_run(use_case, names.stamp()):
        if stage == "evaluate":
            return [run_job(stage, source_dir, prefix)]
        return results([run_job.submit(stage, source_dir, f"{prefix}-{number}") for number in (1, 2)])
