"""`python -m tests.resilience [kill] [monitor] [feedback] [retrain] [stop] [cancel] [faults] [streams] [serving]`.

`kill`, `stop` and `cancel` hit a lifecycle at every point, `faults` by each fault of AWS. `monitor`, `feedback` and
`retrain` kill that command at each of its steps. `streams` kills consumers of Kafka and Kinesis. `serving` kills
workers of model servers under load, and deploys models meanwhile. Each prints what came of it.

It starts an offline cloud and a Prefect server for itself, in a folder that it removes. An hour on 2 cores.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

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
    with tempfile.TemporaryDirectory(prefix="vishwaops-resilience-") as name, a_cloud(Path(name)):
        from tests.flows.endings import deployed
        from tests.resilience import endings
        from tests.resilience.faults import FAULTS, meet
        from tests.resilience.points import POINTS, Point

        def each(prefix: str, hit: Callable[[Point, Path, str], endings.Outcome]) -> bool:
            with ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
                names = [f"{prefix}_{number}" for number in range(len(POINTS))]
                outcomes = list(threads.map(lambda point, case: hit(point, Path(name), case), POINTS, names))
            sys.stdout.write(f"{endings.table(outcomes)}\n\n")
            sys.stdout.flush()
            return all(outcome.as_it_should_be for outcome in outcomes)

        wanted, good = arguments or ["kill", *NAMES, "stop", "cancel", "faults", "streams", "serving"], True
        if "kill" in wanted:
            good &= each("cake_kill", endings.kill_at)
        if set(wanted) & set(NAMES):
            from tests.resilience.killed_commands import import_early, repeat_all
            from tests.resilience.live_commands import COMMANDS

            commands = [each for each in COMMANDS if each.name in wanted]
            import_early(commands)
            for command in commands:
                repeated = []
                for outcome in repeat_all(command, Path(name), SIDE_BY_SIDE):
                    repeated.append(outcome)
                    sys.stderr.write(f"{outcome.shown}\n")
                sys.stdout.write(f"{endings.table(repeated)}\n\n")
                sys.stdout.flush()
                good &= all(outcome.as_it_should_be for outcome in repeated)
        if "stop" in wanted:
            good &= each("cake_stop", endings.stop_at)
        if "cancel" in wanted:
            with deployed("flows.lifecycle.lifecycle") as flows, flows.worker():
                good &= each("cake_cancel", partial(endings.cancel_at, flows))
        if "faults" in wanted:
            met = [meet(fault, Path(name), f"cake_fault_{number}") for number, fault in enumerate(FAULTS)]
            sys.stdout.write(f"{endings.table(met)}\n")
            good &= all(outcome.as_it_should_be for outcome in met)
        if "streams" in wanted:
            from tests.resilience.streams import consume_all

            for consumed in consume_all(Path(name)):
                sys.stdout.write(f"{endings.table([consumed])}\n")
                sys.stdout.flush()
                good &= consumed.as_it_should_be
        if "serving" in wanted:
            from tests.resilience.serving import endure_all

            for endured in endure_all(Path(name)):
                sys.stdout.write(f"{endings.table([endured])}\n{' '.join(endured.problems)}\n")
                sys.stdout.flush()
                good &= endured.as_it_should_be
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
