"""What the next `vishwaops serve` makes of runs that were killed or missed, on the run's Prefect server."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.schedules import IntervalSchedule
from prefect.states import Cancelling, Running

from flows.serve.resuming import STARTS, restart_killed_runs, skip_missed_runs

HOURS = 5


@dataclass
class Deployed:
    """A deployment whose pool no worker serves."""

    client: SyncPrefectClient
    pool: str
    deployment: UUID

    def run(self) -> FlowRun:
        return self.client.create_flow_run_from_deployment(self.deployment)

    def state(self, run: FlowRun) -> str:
        return str(self.client.read_flow_run(run.id).state_name)


@pytest.fixture
def deployed(prefect: str) -> Iterator[Deployed]:
    with get_client(sync_client=True) as client:
        name = f"resuming-{uuid4().hex[:8]}"
        client.create_work_pool(WorkPoolCreate(name=name, type="process"))
        hourly = IntervalSchedule(interval=timedelta(hours=1), anchor_date=datetime(2026, 1, 1, tzinfo=UTC))
        yield Deployed(
            client,
            name,
            client.create_deployment(
                flow_id=client.create_flow_from_name(name),
                name=name,
                work_pool_name=name,
                schedules=[DeploymentScheduleCreate(schedule=hourly)],
            ),
        )
        client.delete_deployment(client.read_deployment_by_name(f"{name}/{name}").id)


def test_a_killed_run_is_started_again_but_not_for_ever(deployed: Deployed) -> None:
    run, waiting = deployed.run(), deployed.run()
    for start in range(1, STARTS + 1):
        deployed.client.set_flow_run_state(run.id, Running(), force=True)
        assert restart_killed_runs(deployed.client, deployed.pool) == (1 if start < STARTS else 0)
        assert deployed.state(run) == ("Scheduled" if start < STARTS else "Crashed")
    assert restart_killed_runs(deployed.client, deployed.pool) == 0
    assert deployed.state(waiting) == "Scheduled"


def test_a_run_that_was_being_cancelled_is_cancelled(deployed: Deployed) -> None:
    run = deployed.run()
    deployed.client.set_flow_run_state(run.id, Cancelling(), force=True)
    assert restart_killed_runs(deployed.client, deployed.pool) == 0
    assert deployed.state(run) == "Cancelled"


def test_of_the_missed_runs_the_last_one_runs(deployed: Deployed) -> None:
    begun = datetime.now(UTC) - timedelta(hours=HOURS)
    missed = {"start_time": begun.isoformat(), "min_runs": HOURS, "max_runs": HOURS}
    path = {"id": str(deployed.deployment)}
    deployed.client.request("POST", "/deployments/{id}/schedule", path_params=path, json=missed)
    by_hand = deployed.run()
    assert skip_missed_runs(deployed.client, deployed.pool) == HOURS - 1
    assert skip_missed_runs(deployed.client, deployed.pool) == 0
    assert deployed.state(by_hand) == "Scheduled"
