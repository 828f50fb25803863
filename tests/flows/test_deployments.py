"""`prefect.yaml` with a real server, a real worker and the shared offline cloud."""

import subprocess
import sys
from typing import Any, cast
from uuid import UUID

import pytest
import yaml
from prefect.client.orchestration import get_client
from prefect.client.schemas import FlowRun
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName, LogFilter, LogFilterFlowRunId
from prefect.deployments import run_deployment

from config.use_case import UseCase, load_use_case, use_case_names
from flows.retraining import announce, retrain_deployment
from offline_cloud.services import answers
from tasks.retraining.events import DRIFT_DETECTED, QUALITY_FELL, RETRAIN, resource_id
from tests.flows.conftest import PROJECT, running
from tests.monitoring_reports import measured, moved, report
from tests.patience import PATIENCE, until

pytestmark = pytest.mark.starts_first

POOL = "vishwaops"
NAMES = {
    "idle-endpoints/idle-endpoints",
    "stage/cake-popularity-ingest",
    "lifecycle/cake-popularity",
    "lifecycle/student-enrollment",
    "lifecycle/student-grades",
    "retrain/cake-popularity-retrain",
    "retrain/student-enrollment-retrain",
    "retrain/student-grades-retrain",
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


@pytest.fixture(scope="module")
def ingested(prefect: str) -> FlowRun:
    """A flow run of a deployment, after `prefect deploy --all`. The worker that ran it has ended."""
    # The worker makes the pool from its own template: `work-pool create` asks an outside registry for one.
    with running("prefect", "worker", "start", "--pool", POOL, "--type", "process"):
        until(lambda: answers(f"{prefect}/work_pools/{POOL}"))
        deploy_twice()
        return cast(FlowRun, run_deployment("stage/cake-popularity-ingest", timeout=PATIENCE, poll_interval=0.5))


def test_deployments_are_registered_and_a_worker_runs_one(ingested: FlowRun) -> None:
    assert deployments() >= NAMES
    assert ingested.state
    assert ingested.state.is_completed(), ingested.state
    # Prefect's copy of the folder in which the flow run starts
    with get_client(sync_client=True) as client:
        wanted = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[ingested.id]))
        lines = [line.message for line in client.read_logs(wanted)]
    assert lines
    assert not [line for line in lines if "Downloading flow code" in line]


def retrainings(name: str) -> list[FlowRun]:
    with get_client(sync_client=True) as client:
        wanted = DeploymentFilter(name=DeploymentFilterName(any_=[name]))
        return client.read_flow_runs(deployment_filter=wanted)


def announced(case: UseCase, number: int, **changes: Any) -> None:
    """Announce a report of a test."""
    announce(case, report(case.name, uri=f"s3://b/{case.name}/{number}.json", **changes))


@pytest.mark.usefixtures("ingested")
def test_events_start_one_retraining_with_the_reason_and_the_event() -> None:
    grades, enrollment = load_use_case("student_grades"), load_use_case("student_enrollment")
    announced(enrollment, 1, verdict="drift", features=(moved("age", 0.4),))  # without `on_drift`
    for number in range(3):
        announced(grades, number, loss=measured(2.0, 1.5))
    until(lambda: bool(retrainings("student-grades-retrain")))
    announced(enrollment, 2, loss=measured(0.2, 0.15))
    until(lambda: bool(retrainings("student-enrollment-retrain")))  # the events before are handled
    (run,), (other,) = retrainings("student-grades-retrain"), retrainings("student-enrollment-retrain")
    assert run.parameters["use_case"] == "student_grades"
    assert run.parameters["reason"] == "measured rmse is 2.0000 worse than on the held-out rows (at least 1.5000)"
    assert UUID(run.parameters["event"])
    assert other.parameters["reason"].startswith("measured rmse is 0.2000")
    with get_client(sync_client=True) as client:
        for each in (run, other):
            client.delete_flow_run(each.id)  # no worker of another test runs it


def test_each_use_case_with_retraining_has_a_deployment_that_its_events_start() -> None:
    found = {
        each["parameters"]["use_case"]: each
        for each in yaml.safe_load((PROJECT / "prefect.yaml").read_text())["deployments"]
        if each["entrypoint"] == "flows.retraining.retrain"
    }
    cases = {case.name: case for case in map(load_use_case, use_case_names()) if case.retraining}
    assert found.keys() == cases.keys()
    for name, case in cases.items():
        (trigger,) = found[name]["triggers"]
        assert found[name]["name"] == retrain_deployment(case.slug)
        assert trigger["match"] == {"prefect.resource.id": resource_id(case), RETRAIN: "true"}
        assert trigger["parameters"]["use_case"] == name
        assert set(trigger["expect"]) == {DRIFT_DETECTED, QUALITY_FELL}
        assert case.retraining
        assert trigger["within"] == 60 * case.retraining.debounce_minutes


def test_each_use_case_that_alarms_can_retrain_has_a_deployment() -> None:
    deployed = {
        (found["name"], found["parameters"]["use_case"])
        for found in yaml.safe_load((PROJECT / "prefect.yaml").read_text())["deployments"]
        if found["entrypoint"] == "flows.lifecycle.lifecycle"
    }
    cases = [load_use_case(name) for name in use_case_names()]
    assert deployed == {(case.slug, case.name) for case in cases if case.has_source}
