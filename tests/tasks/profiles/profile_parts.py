"""Parts of rows that a process profiles. Few imports: each process has them."""

import os
import signal
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from tabular.columns import ColumnType

FEATURES: dict[str, ColumnType] = {
    "x": "number", "n": "integer", "c": "category", "many": "category", "t": "text", "nothing": "number",
}  # fmt: skip


def rows(place: int, count: int = 20_000) -> pa.Table:
    draws = np.random.default_rng(place)
    return pa.table(
        {
            "x": draws.normal(place, 1, count),
            "n": pa.array(draws.integers(0, 9, count), mask=draws.random(count) < 0.1),
            "c": pa.array(draws.choice(list("abc"), count)),
            "many": draws.integers(0, 9_000, count).astype(str),
            "t": pa.array(["word " * size for size in draws.integers(0, 9, count)]),
            "nothing": pa.nulls(count, pa.float64()),
        }
    )


def part(place: int) -> list[pa.RecordBatch]:
    return list(rows(place).to_batches(max_chunksize=7_000))


def killed(place: int) -> Iterator[pa.RecordBatch]:
    yield from part(place)
    os.kill(os.getpid(), signal.SIGKILL)


def failing(place: int) -> Iterator[pa.RecordBatch]:
    yield from part(place)
    raise OSError("the file is cut off")
