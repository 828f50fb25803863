"""How the flow runs proceed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort

from tasks.progress import log

SHOWN: list[StateType] = [each for each in StateType if each is not StateType.SCHEDULED]
LOOK_BACK = timedelta(days=1)
"""Runs that are older than this when they change are not followed."""
SHOWN_RUNS = 50


class Follower:
    """Logs each change of a flow run's state once, from its creation on."""

    def __init__(self, client: SyncPrefectClient) -> None:
        self._client, self._since, self._known = client, datetime.now(UTC), dict[UUID, str]()
        self._deployments = {each.id: each.name for each in client.read_deployments()}

    def look(self) -> None:
        """Log the changes since the last look. Raises the errors of Prefect's client."""
        for run in self._changed():
            where = self._deployments.get(run.deployment_id) if run.deployment_id else None
            log.info("run       %s (%s): %s%s", run.name, where or "no deployment", run.state_name, _reason(run))

    def _changed(self) -> Iterator[FlowRun]:
        lately = {"after_": datetime.now(UTC) - LOOK_BACK}
        found = self._client.read_flow_runs(
            flow_run_filter=FlowRunFilter(
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=SHOWN)),
                expected_start_time=FlowRunFilterExpectedStartTime.model_validate(lately),
            ),
            sort=FlowRunSort.EXPECTED_START_TIME_DESC,
            limit=SHOWN_RUNS,
        )
        for run in reversed(found):
            if run.state and run.state.timestamp >= self._since and self._known.get(run.id) != run.state_name:
                self._known[run.id] = str(run.state_name)
                yield run


def _reason(run: FlowRun) -> str:
    if run.state_type not in (StateType.FAILED, StateType.CRASHED) or not (run.state and run.state.message):
        return ""
    return f": {run.state.message.splitlines()[0]}"
