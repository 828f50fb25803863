"""`python -m tests.resilience [kill|stop]`: hits a lifecycle at every point, and prints what the next run repeated.

It starts an offline cloud and a Prefect server for itself, in a folder that it removes. About ten minutes on 2 cores.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

SIDE_BY_SIDE = 2


@contextmanager
def a_cloud(folder: Path) -> Iterator[None]:
    """Point this process, and those that it starts, at an offline cloud of their own."""
    os.environ["VISHWAOPS_STATE"] = str(folder / "state")  # before `config` is imported
    import offline_cloud
    from config import settings

    cloud = offline_cloud.up(folder / "cloud", settings.LOCALSTACK_ENV, owner=os.getpid())
    os.environ.update(cloud.environment)
    try:
        from flows.session.runtime import connect

        connect()
        yield
    finally:
        offline_cloud.down(folder / "cloud")


def main(arguments: list[str]) -> int:
    """Run what the arguments name, both by default; exit status 1 when anything is not as it should be."""
    with tempfile.TemporaryDirectory(prefix="vishwaops-resilience-") as name, a_cloud(Path(name)):
        from tests.resilience import endings
        from tests.resilience.points import POINTS, Point

        def each(hit: Callable[[Point, Path, str], endings.Outcome], prefix: str) -> list[endings.Outcome]:
            with ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
                numbered = list(enumerate(POINTS))
                return list(threads.map(lambda at: hit(at[1], Path(name), f"{prefix}_{at[0]}"), numbered))

        found: list[endings.Outcome] = []
        for wanted, hit in (("kill", endings.kill_at), ("stop", endings.stop_at)):
            if wanted in (arguments or ("kill", "stop")):
                outcomes = each(hit, f"cake_{wanted}")
                sys.stdout.write(f"{endings.table(outcomes)}\n")
                sys.stdout.flush()
                found += outcomes
    return 0 if all(outcome.as_it_should_be for outcome in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
