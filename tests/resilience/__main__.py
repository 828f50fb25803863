"""`python -m tests.resilience [kill] [monitor] [feedback] [retrain] [stop] [cancel] [faults] [streams] [serving]`.

`kill`, `stop` and `cancel` hit a lifecycle at every point, `faults` by each fault of AWS. `monitor`, `feedback` and
`retrain` kill that command at each of its steps. `streams` kills consumers of Kafka and Kinesis. `serving` kills
workers of model servers under load, and deploys models meanwhile. Each prints what came of it.

It starts an offline cloud and a Prefect server for itself, in a folder that it removes. An hour on 2 cores.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.resilience.endings import Outcome
    from tests.resilience.points import Point

SIDE_BY_SIDE = 2
NAMES = ("monitor", "feedback", "retrain")
"""The commands that are killed at each step."""


@contextmanager
def a_cloud(folder: Path) -> Iterator[None]:
    """Connect this process and its child processes to a separate offline cloud."""
    os.environ["VISHWAOPS_STATE"] = str(folder / "state")  # before `config` is imported
    import offline_cloud
    from config import settings

    cloud = offline_cloud.up(folder / "cloud", settings.LOCALSTACK_ENV, owner=os.getpid())
    os.environ.update(cloud.environment)
    try:
        from flows.session.prefect_server import start_prefect_server

        start_prefect_server().wait()  # before Prefect is imported
        from flows.session.runtime import connect

        connect()
        yield
    finally:
        offline_cloud.down(folder / "cloud")


def main(arguments: list[str]) -> int:
    """Run what the arguments name, all by default; exit status 1 when anything is not as it should be."""
    wanted = arguments or ["kill", *NAMES, "stop", "cancel", "faults", "streams", "serving"]
    with tempfile.TemporaryDirectory(prefix="vishwaops-resilience-") as name, a_cloud(Path(name)):
        good = [all(outcome.as_it_should_be for outcome in shown) for shown in _outcomes(wanted, Path(name))]
    return 0 if all(good) else 1


def _outcomes(wanted: list[str], folder: Path) -> Iterator[list["Outcome"]]:
    """Yield the outcomes of each part that is wanted, after printing them."""
    from tests.flows.endings import deployed
    from tests.resilience import endings

    if "kill" in wanted:
        yield _at_every_point("cake_kill", folder, endings.kill_at)
    if set(wanted) & set(NAMES):
        yield from _killed_commands(wanted, folder)
    if "stop" in wanted:
        yield _at_every_point("cake_stop", folder, endings.stop_at)
    if "cancel" in wanted:
        with deployed("flows.lifecycle.lifecycle") as flows, flows.worker():
            yield _at_every_point("cake_cancel", folder, partial(endings.cancel_at, flows))
    if "faults" in wanted:
        from tests.resilience.faults import FAULTS, meet

        yield _printed([meet(fault, folder, f"cake_fault_{number}") for number, fault in enumerate(FAULTS)])
    if "streams" in wanted:
        from tests.resilience.streams import consume_all

        yield from (_printed([consumed]) for consumed in consume_all(folder))
    if "serving" in wanted:
        from tests.resilience.serving import endure_all

        yield from (_printed([endured], *endured.problems) for endured in endure_all(folder))


def _at_every_point(prefix: str, folder: Path, hit: Callable[["Point", Path, str], "Outcome"]) -> list["Outcome"]:
    from tests.resilience.points import POINTS

    names = [f"{prefix}_{number}" for number in range(len(POINTS))]
    with ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
        return _printed(list(threads.map(lambda point, case: hit(point, folder, case), POINTS, names)))


def _killed_commands(wanted: list[str], folder: Path) -> Iterator[list["Outcome"]]:
    from tests.resilience.killed_commands import import_early, repeat_all
    from tests.resilience.live_commands import COMMANDS

    commands = [each for each in COMMANDS if each.name in wanted]
    import_early(commands)
    for command in commands:
        repeated = []
        for outcome in repeat_all(command, folder, SIDE_BY_SIDE):
            repeated.append(outcome)
            sys.stderr.write(f"{outcome.shown}\n")
        yield _printed(repeated)


def _printed(outcomes: Sequence["Outcome"], *problems: str) -> list["Outcome"]:
    from tests.resilience.endings import table

    sys.stdout.write(f"{table(outcomes)}\n{' '.join(problems)}\n")
    sys.stdout.flush()
    return list(outcomes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
