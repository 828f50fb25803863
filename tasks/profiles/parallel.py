"""Profiles parts of rows in several processes. Each has the memory of a batch."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tabular.columns import ColumnType
from tasks.profiles.processes import results, usable_cores
from tasks.profiles.sketches import Sketches, profile

Part = Callable[[], Iterable[pa.RecordBatch]]
"""Yields the record batches of a part. It is pickled: it is a function of a module, or a partial of one."""
PARTS_PER_PROCESS = 2
"""A file is divided into so many parts for each process: a slow process takes fewer of them."""
COLUMNS_AT_ONCE = 4


def profile_parts(parts: Sequence[Part], features: Mapping[str, ColumnType], processes: int | None = None) -> Sketches:
    """Profile the rows of all parts, in as many processes as there are usable cores, or in `processes`.

    The result does not depend on their number: means and standard deviations to 12 digits, whylogs' quantiles within
    its noise, all other figures exactly.

    Raises ProcessFailed when a process was killed, or a part could not be profiled.
    """
    found = results([partial(_of_part, part, dict(features)) for part in parts], processes)
    return profile([], features).merged(found)


def profile_parquet(path: Path, features: Mapping[str, ColumnType], processes: int | None = None) -> Sketches:
    """Profile the rows of a Parquet file: as `profile_parts`, of its row groups, a few columns at a time."""
    count = pq.read_metadata(path).num_row_groups
    size = max(1, -(-count // (PARTS_PER_PROCESS * (processes or usable_cores()))))
    groups = [list(range(first, min(first + size, count))) for first in range(0, count, size)]
    found = results([partial(_of_groups, path, each, dict(features)) for each in groups], processes)
    return profile([], features).merged(found)


def _of_part(part: Part, features: Mapping[str, ColumnType]) -> Sketches:
    return profile(part(), features)


def _of_groups(path: Path, groups: list[int], features: Mapping[str, ColumnType]) -> Sketches:
    categories = [name for name, kind in features.items() if kind == "category"]
    found = Sketches(0, {})
    with pq.ParquetFile(path, read_dictionary=categories) as file:
        for some in _some(features):
            batches = file.iter_batches(row_groups=groups, columns=list(some), use_threads=False)
            part = profile(batches, some)
            found = Sketches(part.rows, found.columns | part.columns)
    return found


def _some(features: Mapping[str, ColumnType]) -> Iterator[dict[str, ColumnType]]:
    left = iter(features.items())
    while some := dict(islice(left, COLUMNS_AT_ONCE)):
        yield some
