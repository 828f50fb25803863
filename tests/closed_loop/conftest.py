"""One `vishwaops serve` for the three loops, which run at the same time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.settings import PREFECT_API_URL, temporary_settings

from config import settings
from flows.lifecycle import lifecycle
from flows.session.early_imports import import_early
from tests.closed_loop.loop import LATER_PAUSE_SECONDS, Client, Loop
from tests.closed_loop.students import flipped_in_the_south, mislabelled, undecided, usual
from tests.flows.serve.serving import served
from tests.patience import until

USUAL_REQUESTS, CHANGED_REQUESTS = 2, 20
XGBOOST = {"n_estimators": 30, "max_depth": 3, "learning_rate": 0.3}
BY_PART = {"by": "value", "test": "part == 'test'", "validation": "part == 'validation'"}
FEEDBACK_FIRST = 15.0
"""Seconds from the first run of `feedback` to that of `monitor`."""


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
        serve = stack.enter_context(
            served(folder / "home", prefect_file(folder, (drift, labels, worse)), state=settings.STATE)
        )
        stack.enter_context(temporary_settings(updates={PREFECT_API_URL: serve.address()}))
        prefect = stack.enter_context(get_client(sync_client=True))
        found = Loops(drift, labels, worse, {}, prefect)
        begin(found, stack)
        yield found
        assert serve.end() == 143


def prefect_file(folder: Path, loops: tuple[Loop, ...]) -> Path:
    """Write a prefect.yaml with the deployments of the loops."""
    deployments = [each for loop in loops for each in loop.deployments()]
    pull = [{"prefect.deployments.steps.run_shell_script": {"script": "true"}}]
    path = folder / "prefect.yaml"
    path.write_text(yaml.safe_dump({"name": "closed-loop", "pull": pull, "deployments": deployments}))
    return path


def begin(loops: Loops, stack: ExitStack) -> None:
    """Train and deploy the champions, let clients call them, and change the traffic, the truth and the rows."""
    every = (loops.drift, loops.labels, loops.worse)
    import_early().join()  # one thread at a time may import them
    with ThreadPoolExecutor() as threads:  # here, where the libraries may be imported already
        trained = [threads.submit(copy_context().run, lifecycle, str(loop.path)) for loop in every]
    assert [each.result().release.version for each in trained] == [1, 1, 1]
    for loop in every:
        loops.clients[loop.case.name] = loop.client(usual(400, 9))
        stack.callback(loops.clients[loop.case.name].end)
    until(lambda: [len(client.sent) for client in loops.clients.values()], lambda sent: min(sent) >= USUAL_REQUESTS)
    for loop, now in ((loops.drift, undecided), (loops.labels, flipped_in_the_south), (loops.worse, undecided)):
        loops.clients[loop.case.name].rows = now(400, 31)
    loops.drift.add(undecided(900, 21).assign(part="train"))
    loops.labels.add(flipped_in_the_south(1800, 22).assign(part="train"))
    loops.worse.add(mislabelled(1800, 23).assign(part="train"))
    until(lambda: [len(client.sent) for client in loops.clients.values()], lambda sent: min(sent) >= CHANGED_REQUESTS)
    for client in loops.clients.values():
        client.pause = LATER_PAUSE_SECONDS
    loops.labels.tell(loops.clients[loops.labels.case.name].sent[:])
    loops.labels.schedule(loops.prefect, "feedback", after=0)
    for loop, after in ((loops.drift, 0.0), (loops.worse, 0.0), (loops.labels, FEEDBACK_FIRST)):
        loop.schedule(loops.prefect, "monitor", after)


def candidate(algorithm: str, **hyperparameters: float) -> dict[str, object]:
    """A candidate of a use case."""
    return {"name": algorithm, "algorithm": algorithm, "hyperparameters": hyperparameters}


def with_parts() -> dict[str, object]:
    """A use case whose rows say to which part they belong. So new rows may all be training rows."""
    return {"split": BY_PART}


def parts(rows: int) -> list[str]:
    """The parts of a file's rows."""
    return [("train", "train", "validation", "test")[row % 4] for row in range(rows)]
