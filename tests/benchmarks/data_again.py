"""Ingesting an unchanged source again, beside its first ingest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.benchmarks import data_rows
from tests.benchmarks.figures import Figure
from tests.benchmarks.measured import measure, median

ROWS, TIMES = 1_000_000, 5
FIRST, AGAIN = "first", "again"


def figures(folder: Path, environment: Mapping[str, str]) -> Iterator[Figure]:
    """Measure both. Without Prefect, whose own work is the same for both."""
    path = data_rows.write_csv(folder / f"rows-{ROWS}.csv", ROWS)
    runs = {
        name: [
            measure(__name__, name, str(path), f"bench_{name}_{turn}", environment=environment) for turn in range(TIMES)
        ]
        for name in WORKS
    }
    first, again = median(runs[FIRST]).seconds, median(runs[AGAIN]).seconds
    what = "ingest an unchanged source again, 1 million rows"
    yield Figure(what, "its first ingest", again, first, "s", "at most 10 %", again <= 0.1 * first)


def _first(path: str, name: str) -> Callable[[], object]:
    from flows.session.runtime import connect
    from tasks.ingest import ingest

    connect()
    case = data_rows.use_case().model_copy(update={"name": name})
    return lambda: ingest.fn(case, path)


def _again(path: str, name: str) -> Callable[[], object]:
    from tasks.ingest import unchanged
    from tasks.step_results import missing_objects

    dataset = _first(path, name)()
    case = data_rows.use_case().model_copy(update={"name": name})

    def work() -> None:
        """What an ingest whose result is stored does: compute its key, and look whether the version still exists."""
        unchanged(case, path)
        assert missing_objects(dataset) == []  # type: ignore[arg-type]

    return work


WORKS: dict[str, Callable[[str, str], Callable[[], object]]] = {FIRST: _first, AGAIN: _again}
