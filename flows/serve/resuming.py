"""What an earlier `vishwaops serve` left: runs that were killed with it, and runs that were missed since then."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterParentFlowRunId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.states import Cancelled, Crashed, Scheduled

from tasks.progress import log

STARTS = 3
"""How often a run is started in all: one that ends its machine must not do so again and again."""
PAGE = 200
IN_PROGRESS = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]


def restart_killed_runs(client: SyncPrefectClient, pool: str) -> int:
    """Start the runs again that were in progress when their worker ended, and return their number.

    Call it only when no worker serves the pool. A run continues on the stored results of its steps. One that was
    started STARTS times, or was being cancelled, is ended.
    """
    killed = list(_runs(client, pool, IN_PROGRESS))
    _end_children(client, [run.id for run in killed])
    return sum(_restart(client, run) for run in killed)


def _restart(client: SyncPrefectClient, run: FlowRun) -> bool:
    if run.state_type is StateType.CANCELLING:
        client.set_flow_run_state(run.id, Cancelled(message="Its process had ended"), force=True)
        return False
    client.set_flow_run_state(run.id, Crashed(message="Its process ended with `vishwaops serve`"))
    if run.run_count >= STARTS:
        log.warning("run       %s was killed %d times: it is not started again", run.name, run.run_count)
        return False
    client.set_flow_run_state(run.id, Scheduled(message="Its process had ended: it is started again"))
    log.info("run       %s was killed: it is started again", run.name)
    return True


def _end_children(client: SyncPrefectClient, parents: list[UUID]) -> None:
    """End the runs that were in progress inside these runs, which start new ones."""
    if not parents:
        return
    running = FlowRunFilterState(type=FlowRunFilterStateType(any_=IN_PROGRESS))
    inside = FlowRunFilter(state=running, parent_flow_run_id=FlowRunFilterParentFlowRunId(any_=parents))
    for run in client.read_flow_runs(flow_run_filter=inside):
        client.set_flow_run_state(run.id, Crashed(message="Its process ended with `vishwaops serve`"))


def skip_missed_runs(client: SyncPrefectClient, pool: str) -> int:
    """Cancel the scheduled runs whose time has passed, but the last one of each deployment. Returns their number."""
    missed = [run for run in _runs(client, pool, [StateType.SCHEDULED]) if run.auto_scheduled and _is_due(run)]
    last = {run.deployment_id: run.id for run in missed}
    skipped = [run for run in missed if last[run.deployment_id] != run.id]
    for run in skipped:
        client.set_flow_run_state(run.id, Cancelled(message="Missed; a later run was missed too, and runs"), force=True)
    if skipped:
        log.info("runs      %d missed runs are skipped: of each deployment, the last one runs", len(skipped))
    return len(skipped)


def _is_due(run: FlowRun) -> bool:
    return run.expected_start_time is not None and run.expected_start_time <= datetime.now(UTC)


def _runs(client: SyncPrefectClient, pool: str, types: list[StateType]) -> Iterator[FlowRun]:
    """Yield the pool's runs of deployments in these states, the earliest first."""
    offset = 0
    while page := client.read_flow_runs(
        flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=types))),
        work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[pool])),
        sort=FlowRunSort.EXPECTED_START_TIME_ASC,
        limit=PAGE,
        offset=offset,
    ):
        yield from page
        offset += PAGE
