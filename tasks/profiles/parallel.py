"""Profiles parts of rows in several processes. Each has the memory of a few columns of one batch."""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from config.errors import ProcessFailed
from tabular.columns import ColumnType
from tasks.profiles.sketches import Sketches, profile

Part = Callable[[], Iterable[pa.RecordBatch]]
"""Yields the record batches of a part. It is sent to another process, so it is a function of a module, or a partial."""
PARTS_PER_PROCESS = 2
"""A file is divided into so many parts for each process: a slow process takes fewer of them."""
COLUMNS_AT_ONCE = 4


def usable_cores() -> int:
    """Return the number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0))


def profile_parts(parts: Sequence[Part], features: Mapping[str, ColumnType], processes: int | None = None) -> Sketches:
    """Profile the rows of all parts, in as many processes as there are usable cores, or in `processes`.

    The result does not depend on the number of processes: means to 12 digits, the noise of whylogs' quantiles, and
    all other figures exactly.

    Raises ProcessFailed when a process was killed, or a part could not be profiled.
    """
    return _merged([partial(_of_part, part, dict(features)) for part in parts], features, processes)


def profile_parquet(path: Path, features: Mapping[str, ColumnType], processes: int | None = None) -> Sketches:
    """Profile the rows of a Parquet file: as `profile_parts`, of its row groups."""
    count = pq.read_metadata(path).num_row_groups
    size = max(1, -(-count // (PARTS_PER_PROCESS * (processes or usable_cores()))))
    groups = [range(first, min(first + size, count)) for first in range(0, count, size)]
    return _merged([partial(_of_groups, path, each, dict(features)) for each in groups], features, processes)


def _of_part(part: Part, features: Mapping[str, ColumnType]) -> Sketches:
    return profile(part(), features)


def _of_groups(path: Path, groups: Sequence[int], features: Mapping[str, ColumnType]) -> Sketches:
    """Profile row groups, a few columns at a time."""
    categories = [name for name, kind in features.items() if kind == "category"]
    rows, columns = 0, {}
    with pq.ParquetFile(path, read_dictionary=categories) as file:
        for some in _some(features):
            found = profile(file.iter_batches(row_groups=list(groups), columns=list(some), use_threads=False), some)
            rows, columns = found.rows, columns | found.columns
    return Sketches(rows, columns)


def _some(features: Mapping[str, ColumnType]) -> Iterator[dict[str, ColumnType]]:
    left = iter(features.items())
    while some := dict(islice(left, COLUMNS_AT_ONCE)):
        yield some


def _merged(
    works: Sequence[Callable[[], Sketches]], features: Mapping[str, ColumnType], processes: int | None
) -> Sketches:
    count = min(processes or usable_cores(), len(works))
    nothing = profile([], features)
    if count < 2:
        return nothing.merged([work() for work in works])
    # A new interpreter: a fork of a process with threads may hang.
    with ProcessPoolExecutor(count, multiprocessing.get_context("spawn")) as pool:
        futures = [pool.submit(work) for work in works]
        try:
            return nothing.merged([_result(future, place, len(works)) for place, future in enumerate(futures)])
        finally:
            pool.shutdown(cancel_futures=True)


def _result(future: Future[Sketches], place: int, count: int) -> Sketches:
    try:
        return future.result()
    except BrokenProcessPool:
        raise ProcessFailed(
            "A process that profiled rows was killed, perhaps because memory ran out. Nothing was stored: run it "
            "again, on fewer cores if it fails again."
        ) from None
    except Exception as error:
        raise ProcessFailed(
            f"Part {place + 1} of {count} could not be profiled: {type(error).__name__}: {error}"
        ) from error
