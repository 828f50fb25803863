"""Runs that a test ends: their jobs, their processes, and their states in Prefect."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import psutil
import yaml
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas import FlowRun, State
from prefect.states import Cancelling

from tests.flows.conftest import PROJECT, running
from tests.flows.endless_flow import ENTRYPOINT, JOBS
from tests.patience import at_this_load, until
from tests.small_jobs import USE_CASE, names_in_progress, new_prefix

SECONDS = 10
"""The time in which a run must stop its jobs and its process must end, while there is a free processor."""
IMPORTABLE = {"PYTHONPATH": os.pathsep.join(filter(None, [str(PROJECT), os.environ.get("PYTHONPATH")]))}


@dataclass
class EndlessRun:
    """One run of the endless flow. Its jobs have a unique prefix."""

    stage: str
    sagemaker: Any
    source_dir: str
    prefix: str = field(default_factory=new_prefix)

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of the flow."""
        return {
            "use_case": USE_CASE,
            "stage": self.stage,
            "source_dirs": [self.source_dir] * JOBS[self.stage],
            "prefix": self.prefix,
        }

    @property
    def jobs(self) -> list[str]:
        """Its jobs in progress."""
        return names_in_progress(self.sagemaker, self.prefix)

    def wait_for_jobs(self) -> list[str]:
        """Wait until all of its jobs run. Returns their names."""
        return until(lambda: self.jobs, lambda names: len(names) == JOBS[self.stage])

    def wait_for_stop(self, begun: float) -> None:
        """Wait until none of its jobs is in progress. Fails when that is too long after `begun`."""
        until(lambda: self.jobs, lambda names: not names, begun + at_this_load(SECONDS) - time.monotonic())

    @contextmanager
    def as_command(self) -> Iterator[subprocess.Popen[str]]:
        """The run as a child process, as the command line runs flows."""
        with running("tests.flows.endless_flow", self.stage, self.source_dir, self.prefix) as process:
            yield process


class Deployed:
    """A flow, by default the endless one, as a deployment of a process work pool on the run's Prefect server."""

    def __init__(self, client: SyncPrefectClient, entrypoint: str = ENTRYPOINT) -> None:
        from prefect.client.schemas.actions import WorkPoolCreate
        from prefect.workers.process import ProcessWorker

        self.pool, self.client = f"endings-{uuid4().hex[:8]}", client
        template = ProcessWorker.get_default_base_job_template()
        client.create_work_pool(WorkPoolCreate(name=self.pool, type="process", base_job_template=template))
        self._deployment = client.create_deployment(
            flow_id=client.create_flow_from_name(entrypoint.rpartition(".")[2]),
            name=self.pool,
            entrypoint=entrypoint,
            work_pool_name=self.pool,
            pull_steps=yaml.safe_load((PROJECT / "prefect.yaml").read_text())["pull"],
        )

    def start(self, parameters: dict[str, Any]) -> FlowRun:
        """Schedule a run for now."""
        return self.client.create_flow_run_from_deployment(self._deployment, parameters=parameters)

    def cancel(self, flow_run: UUID) -> None:
        """Request the cancellation of a flow run, as Prefect's user interface does."""
        self.client.set_flow_run_state(flow_run, Cancelling())

    def final_state(self, flow_run: UUID) -> State[Any]:
        """Wait for the final state of a flow run."""

        def state() -> State[Any]:
            found = self.client.read_flow_run(flow_run).state
            assert found
            return found

        return until(state, lambda found: found.is_final())

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen[str]]:
        """A worker of the pool, as `vishwaops prefect worker start` runs it."""
        arguments = ("prefect", "worker", "start", "--pool", self.pool, "--type", "process")
        with running("flows.commands.entry_point", *arguments, **IMPORTABLE) as process:
            yield process


@contextmanager
def deployed(entrypoint: str = ENTRYPOINT) -> Iterator[Deployed]:
    """A flow, deployed."""
    with get_client(sync_client=True) as client:
        yield Deployed(client, entrypoint)


def processes_of(flow_run: UUID) -> list[psutil.Process]:
    """The processes with the flow run's id, including those of its hooks."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("PREFECT__FLOW_RUN_ID") == str(flow_run):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return [process for process in found if process.status() != psutil.STATUS_ZOMBIE]
