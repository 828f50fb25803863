"""`prefect.yaml` with a real server, a real worker and the shared offline cloud."""

import subprocess
import sys
from typing import cast

import pytest
import yaml
from prefect.client.orchestration import get_client
from prefect.client.schemas import FlowRun
from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId
from prefect.deployments import run_deployment

from config.use_case import load_use_case, use_case_names
from offline_cloud.services import answers
from tests.flows.conftest import PROJECT, running
from tests.patience import PATIENCE, until

pytestmark = pytest.mark.starts_first

POOL = "vishwaops"
NAMES = {
    "idle-endpoints/idle-endpoints",
    "stage/cake-popularity-ingest",
    "lifecycle/cake-popularity",
    "lifecycle/student-enrollment",
    "lifecycle/student-grades",
    "stage/student-enrollment-monitor",
}


DEPLOY_TWICE = """
import sys
from prefect.cli import app
sys.argv = ["prefect", "--no-prompt", "deploy", "--all"]
for _ in range(2):
    try:
        app()
    except SystemExit as ended:
        if ended.code:
            raise
"""


def deploy_twice() -> None:
    """Run `prefect deploy --all` two times in one process, which imports Prefect once."""
    done = subprocess.run(
        [sys.executable, "-c", DEPLOY_TWICE],
        cwd=PROJECT,
        text=True,
        capture_output=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def deployments() -> set[str]:
    with get_client(sync_client=True) as client:
        flows = {flow.id: flow.name for flow in client.read_flows()}
        return {f"{flows[found.flow_id]}/{found.name}" for found in client.read_deployments()}


def test_deployments_are_registered_and_a_worker_runs_one(prefect: str) -> None:
    # The worker makes the pool from its own template: `work-pool create` asks an outside registry for one.
    with running("prefect", "worker", "start", "--pool", POOL, "--type", "process"):
        until(lambda: answers(f"{prefect}/work_pools/{POOL}"))
        deploy_twice()
        assert deployments() >= NAMES
        run = cast(FlowRun, run_deployment("stage/cake-popularity-ingest", timeout=PATIENCE, poll_interval=0.5))
        assert run.state
        assert run.state.is_completed(), run.state
    # Prefect's copy of the folder in which the flow run starts
    with get_client(sync_client=True) as client:
        lines = [line.message for line in client.read_logs(LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run.id])))]
    assert lines
    assert not [line for line in lines if "Downloading flow code" in line]


def test_each_use_case_that_alarms_can_retrain_has_a_deployment() -> None:
    deployed = {
        (found["name"], found["parameters"]["use_case"])
        for found in yaml.safe_load((PROJECT / "prefect.yaml").read_text())["deployments"]
        if found["entrypoint"] == "flows.lifecycle.lifecycle"
    }
    cases = [load_use_case(name) for name in use_case_names()]
    assert deployed == {(case.slug, case.name) for case in cases if case.has_source}
