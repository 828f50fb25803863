"""Model servers on one model, in one run: ours, its peers, and the model alone, in a closed loop on the same machine.

All servers run from the beginning to the end and are asked in turns, so that a busy machine slows all of them.
`python -m tests.benchmarks.serving [--folder FOLDER] [--rounds 1] [--seconds 0.5] [NAME ...]` prints some and
stores nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks import serving_invoke, serving_limit, serving_model, serving_table
from tests.benchmarks.figures import Figure
from tests.benchmarks.peers.servers import (
    ASGI,
    FLASK,
    MLFLOW,
    MLSERVER,
    OURS,
    SERVERS,
    STARLETTE,
    Peer,
    Running,
    running,
)
from tests.load_generator import run_load

BATCHES, CONNECTIONS = (1, 100, 10_000), (1, 8, 32)
BODIES = {1: 64, 100: 16, 10_000: 2}
"""The number of different requests of each batch size."""
ROUNDS, SECONDS, WARM_UP = 3, 1.0, 0.3
GOALS = {
    (MLFLOW.name, 1): 40, (MLFLOW.name, 100): 4, (MLSERVER.name, 1): 10, (MLSERVER.name, 100): 2, (FLASK.name, 1): 5,
    (STARLETTE.name, 1): 2, (ASGI.name, 1): 2,
}  # fmt: skip
"""How many times the requests per second of a peer at a batch size, with GOAL_CONNECTIONS."""
GOAL_CONNECTIONS = 8
SHARE_OF_LIMIT, OVER_LIMIT_MS, TAIL = 0.7, 0.5, 3.0


@dataclass(frozen=True)
class Cell:
    """One server at one batch size and number of connections: the medians of the rounds."""

    server: str
    batch: int
    connections: int
    per_second: float
    median_ms: float
    p99_ms: float


Cells = Mapping[tuple[str, int, int], Cell]


def figures() -> Iterator[Figure]:
    """Every figure; stores those of all cells for the table of tests/README.md."""
    with TemporaryDirectory(prefix="vishwaops-serving-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        cells, started = measured(folder, SERVERS, ROUNDS, SECONDS)
        limit = serving_limit.measured(folder / "model")
        serving_table.keep([asdict(cell) for cell in cells.values()], started, limit)
        yield from of_cells(cells)
        yield from of_limit(cells, limit)
        yield from of_start(started)
        yield from serving_invoke.figures(folder)


def measured(
    folder: Path, servers: Sequence[Peer], rounds: int, seconds: float
) -> tuple[Cells, dict[str, dict[str, float]]]:
    """Every cell of the servers, and how each has started."""
    if not (folder / "peers.ubj").exists():
        serving_model.train(folder)
        serving_model.train_for_peers(folder / "peers.ubj")
    with ExitStack() as stack:
        found = [
            stack.enter_context(running(peer, folder, folder / f"server-{number}.log"))
            for number, peer in enumerate(servers)
        ]
        cells = dict(_cells(found, rounds, seconds))
    started = {each.peer.name: {"start_seconds": each.start_seconds, "idle_mb": each.idle_mb} for each in found}
    return cells, started


def _cells(servers: Sequence[Running], rounds: int, seconds: float) -> Iterator[tuple[tuple[str, int, int], Cell]]:
    for batch in BATCHES:
        tables = [serving_model.rows(batch, seed=100 + number) for number in range(BODIES[batch])]
        requests = {server.port: server.requests(tables) for server in servers}
        for server in servers:
            _load(server, requests[server.port], 1, min(WARM_UP, seconds))
        for connections in CONNECTIONS:
            loads: dict[str, list[tuple[float, float, float]]] = {}
            for _ in range(rounds if batch < BATCHES[-1] else 1):
                for server in servers:
                    load = _load(server, requests[server.port], connections, seconds)
                    loads.setdefault(server.peer.name, []).append(load)
            for name, each in loads.items():
                medians = [statistics.median(values) for values in zip(*each, strict=True)]
                yield (name, batch, connections), Cell(name, batch, connections, *medians)


def _load(server: Running, requests: Sequence[bytes], connections: int, seconds: float) -> tuple[float, float, float]:
    """Requests per second, median and 99th percentile in ms. Raises RuntimeError when an answer is not 200."""
    load = run_load(server.port, requests, connections, seconds)
    if load.failures or set(load.statuses) != {200}:
        raise RuntimeError(f"{server.peer.name}: {dict(load.statuses)} {load.failures[:3]} {load.last[:500]!r}")
    return load.per_second, 1e3 * load.percentile(0.5), 1e3 * load.percentile(0.99)


def of_cells(cells: Cells) -> Iterator[Figure]:
    """Ours beside each peer, and our tail."""
    for batch in BATCHES:
        ours = cells[OURS.name, batch, GOAL_CONNECTIONS]
        for peer in SERVERS[1:]:
            theirs, goal = cells[peer.name, batch, GOAL_CONNECTIONS], GOALS.get((peer.name, batch))
            yield Figure(
                f"requests of {batch:,} {'row' if batch == 1 else 'rows'}, {GOAL_CONNECTIONS} connections", peer.name,
                ours.per_second, theirs.per_second, "requests/s", f"at least {goal} times" if goal else "-",
                not goal or ours.per_second >= goal * theirs.per_second,
            )  # fmt: skip
    ours = cells[OURS.name, 1, GOAL_CONNECTIONS]
    yield Figure(
        f"99th percentile, 1 row, {GOAL_CONNECTIONS} connections", "the median", ours.p99_ms, ours.median_ms, "ms",
        "at most 3 times", ours.p99_ms <= TAIL * ours.median_ms,
    )  # fmt: skip


def of_limit(cells: Cells, limit: Mapping[int, float]) -> Iterator[Figure]:
    """Ours beside `inplace_predict` of the same model in one thread, at one connection."""
    ours, theirs = cells[OURS.name, 10_000, 1].per_second * 10_000, 10_000 / limit[10_000]
    yield Figure(
        "rows in requests of 10,000, Arrow, 1 connection", "Booster.inplace_predict, 1 thread", ours, theirs, "rows/s",
        "at least 70 %", ours >= SHARE_OF_LIMIT * theirs,
    )  # fmt: skip
    median, alone = cells[OURS.name, 1, 1].median_ms, 1e3 * limit[1]
    yield Figure(
        "median of 1 row, 1 connection", "Booster.inplace_predict, 1 thread", median, alone, "ms",
        "at most 0.5 ms more", median - alone <= OVER_LIMIT_MS,
    )  # fmt: skip


def of_start(started: Mapping[str, Mapping[str, float]]) -> Iterator[Figure]:
    """Memory and start-up time beside a limit and the leanest peer."""
    ours, peer = started[OURS.name], started[ASGI.name]
    yield Figure("idle memory", "a limit", ours["idle_mb"], 120, "MB", "below 120 MB", ours["idle_mb"] < 120)
    yield Figure("idle memory", ASGI.name, ours["idle_mb"], peer["idle_mb"], "MB", "-", True)
    seconds = ours["start_seconds"]
    yield Figure("start, to the first prediction", ASGI.name, seconds, peer["start_seconds"], "s", "-", True)


def main() -> None:
    """Measure some servers and print all cells."""
    parser = argparse.ArgumentParser(prog="tests.benchmarks.serving", description=__doc__)
    parser.add_argument("names", nargs="*", help="parts of servers' names; all servers without")
    parser.add_argument("--folder", type=Path, help="keeps the models, and uses those that it has")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0.5)
    options = parser.parse_args()
    chosen = [peer for peer in SERVERS if not options.names or any(name in peer.name for name in options.names)]
    with TemporaryDirectory(prefix="vishwaops-serving-", ignore_cleanup_errors=True) as name:
        folder = options.folder or Path(name)
        cells, started = measured(folder, chosen, options.rounds, options.seconds)
        limit = serving_limit.measured(folder / "model")
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    table = serving_table.table([asdict(cell) for cell in cells.values()], started, limit)
    sys.stdout.write(f"{table}\nload averages {load}\n{json.dumps(limit)}\n")


if __name__ == "__main__":
    main()
