"""`prefect.yaml` with a real server, a real worker and the shared offline cloud."""

import asyncio
import itertools
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import pytest
import yaml
from prefect.client.orchestration import get_client
from prefect.client.schemas import FlowRun
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName, LogFilter, LogFilterFlowRunId
from prefect.deployments import run_deployment
from prefect.flows import load_flow_from_entrypoint
from prefect.server.schemas.schedules import CronSchedule

from config.use_case import UseCase, load_use_case, use_case_names
from flows.retraining import announce, retrain_deployment
from offline_cloud.services import answers
from tasks.retraining.events import DRIFT_DETECTED, QUALITY_FELL, RETRAIN, resource_id
from tests.flows.conftest import PROJECT, running
from tests.monitoring_reports import measured, moved, report
from tests.patience import PATIENCE, until

pytestmark = pytest.mark.starts_first

POOL = "vishwaops"
IDLE = "flows.idle.idle_endpoints"
TRAINING = timedelta(hours=1)
"""How long a lifecycle may take until the traffic that follows is that of its model."""


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
    assert deployments() >= names()
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
        each["parameters"]["use_case"]: each for each in entries() if each["entrypoint"] == "flows.retraining.retrain"
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
        for found in entries()
        if found["entrypoint"] == "flows.lifecycle.lifecycle"
    }
    cases = [load_use_case(name) for name in use_case_names()]
    assert deployed == {(case.slug, case.name) for case in cases if case.has_source}


def entries() -> list[dict[str, Any]]:
    """The deployments of prefect.yaml."""
    found: list[dict[str, Any]] = yaml.safe_load((PROJECT / "prefect.yaml").read_text())["deployments"]
    return found


def names() -> set[str]:
    """The names of the deployments of prefect.yaml, with those of their flows."""
    flows = {each: load_flow_from_entrypoint(each).name for each in {entry["entrypoint"] for entry in entries()}}
    return {f"{flows[entry['entrypoint']]}/{entry['name']}" for entry in entries()}


@pytest.mark.parametrize("kind", ["", "-monitor", "-feedback"])
def test_each_use_case_with_a_source_is_trained_watched_and_told_the_truth_at_a_time(kind: str) -> None:
    cases = [case for case in map(load_use_case, use_case_names()) if case.has_source]
    timed = {
        entry["name"]: entry
        for entry in entries()
        if any(each.get("active", True) for each in entry.get("schedules", ()))
    }
    for case in cases:
        entry = timed[f"{case.slug}{kind}"]
        assert entry["parameters"] == {"use_case": case.name}
        assert entry["concurrency_limit"]["limit"] == 1


def starts(entry: dict[str, Any]) -> list[datetime]:
    """When a deployment starts within a day."""
    day = datetime(2026, 3, 1, tzinfo=UTC)
    rules = [CronSchedule(cron=each["cron"], timezone=each["timezone"]) for each in entry.get("schedules", ())]
    found = [asyncio.run(rule.get_dates(start=day, end=day + timedelta(days=1))) for rule in rules]
    return [datetime.fromisoformat(each.isoformat()) for each in itertools.chain(*found)]


def test_nothing_of_a_use_case_begins_while_its_lifecycle_trains() -> None:
    for use_case in use_case_names():
        own = [entry for entry in entries() if entry["parameters"]["use_case"] == use_case]
        trainings = [at for entry in own if entry["entrypoint"] == "flows.lifecycle.lifecycle" for at in starts(entry)]
        others = [entry for entry in own if entry["entrypoint"] not in ("flows.lifecycle.lifecycle", IDLE)]
        for name, at in ((entry["name"], at) for entry in others for at in starts(entry)):
            assert not [training for training in trainings if training <= at < training + TRAINING], (name, at)
