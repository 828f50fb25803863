"""One `vishwaops serve` for the three loops, which run at the same time."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.settings import PREFECT_API_URL, temporary_settings

from tests.closed_loop.loop import Client, Loop
from tests.closed_loop.students import flipped_in_the_south, mislabelled, undecided, usual
from tests.flows.serve.serving import served
from tests.patience import until

XGBOOST = {"n_estimators": 30, "max_depth": 3, "learning_rate": 0.3}
BY_PART = {"by": "value", "test": "part == 'test'", "validation": "part == 'validation'"}
FIRST_MONITOR = timedelta(seconds=45)
"""From the start to the first run of `monitor` that has traffic to read, on an idle machine."""


@dataclass
class Loops:
    """The three use cases, with their clients, and the Prefect server."""

    drift: Loop
    labels: Loop
    worse: Loop
    clients: dict[str, Client]
    prefect: SyncPrefectClient


@pytest.fixture(scope="module")
def loops(bucket: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loops]:
    """The loops, whose traffic and rows have just changed."""
    folder = tmp_path_factory.mktemp("closed-loop")
    drift = Loop("loop_drift", folder, bucket)
    labels = Loop("loop_labels", folder, bucket, candidates=[candidate("xgboost", **XGBOOST)])
    worse = Loop("loop_worse", folder, bucket, **with_parts())
    for seed, loop in enumerate((drift, labels, worse)):
        loop.add(usual(600, seed).assign(part=parts(600)))
    with ExitStack() as stack:
        serve = stack.enter_context(served(folder / "home", prefect_file(folder, (drift, labels, worse))))
        stack.enter_context(temporary_settings(updates={PREFECT_API_URL: serve.address()}))
        prefect = stack.enter_context(get_client(sync_client=True))
        found = Loops(drift, labels, worse, {}, prefect)
        begin(found, stack)
        yield found
        assert serve.end() == 143


def prefect_file(folder: Path, loops: tuple[Loop, ...]) -> Path:
    """Write a prefect.yaml with the deployments of the loops."""
    monitor_at = (datetime.now(UTC) + FIRST_MONITOR).isoformat()
    deployments = [each for loop in loops for each in loop.deployments(monitor_at)]
    pull = [{"prefect.deployments.steps.run_shell_script": {"script": "true"}}]
    path = folder / "prefect.yaml"
    path.write_text(yaml.safe_dump({"name": "closed-loop", "pull": pull, "deployments": deployments}))
    return path


def begin(loops: Loops, stack: ExitStack) -> None:
    """Train and deploy the champions, let clients call them, and change the traffic and the rows."""
    every = (loops.drift, loops.labels, loops.worse)
    for loop in every:
        first = loops.prefect.read_deployment_by_name(f"lifecycle/{loop.case.slug}")
        loops.prefect.create_flow_run_from_deployment(first.id)
    for loop in every:
        until(loop.served)
        loops.clients[loop.case.name] = client = loop.client(usual(400, 9))
        stack.callback(client.end)
    for loop in every:
        until(lambda client=loops.clients[loop.case.name]: len(client.sent) >= 2)  # type: ignore[misc]
    loops.drift.add(undecided(900, 21).assign(part="train"))
    loops.labels.add(flipped_in_the_south(1800, 22).assign(part="train"))
    loops.worse.add(mislabelled(1800, 23).assign(part="train"))
    for loop, rows in ((loops.drift, undecided(400, 31)), (loops.labels, flipped_in_the_south(400, 32)), (loops.worse, undecided(400, 33))):
        loops.clients[loop.case.name].rows = rows


def candidate(algorithm: str, **hyperparameters: float) -> dict[str, object]:
    """A candidate of a use case."""
    return {"name": algorithm, "algorithm": algorithm, "hyperparameters": hyperparameters}


def with_parts() -> dict[str, object]:
    """A use case whose rows say to which part they belong. So new rows may all be training rows."""
    return {"split": BY_PART}


def parts(rows: int) -> list[str]:
    """The parts of a file's rows."""
    return [("train", "train", "validation", "test")[row % 4] for row in range(rows)]
