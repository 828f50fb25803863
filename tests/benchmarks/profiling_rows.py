"""Generated rows of the benchmarks of profiles: 35 features, every fourth one with 5 % nulls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tabular.columns import ColumnType

INTEGERS, NUMBERS, CATEGORIES = 12, 14, 9
NULLS = 0.05
ROW_GROUP = 100_000

FEATURES: dict[str, ColumnType] = {
    **{f"integer_{place}": "integer" for place in range(INTEGERS)},
    **{f"number_{place}": "number" for place in range(NUMBERS)},
    **{f"category_{place}": "category" for place in range(CATEGORIES)},
}
FEATURES_OF_AN_HOUR = {name: kind for place, (name, kind) in enumerate(FEATURES.items()) if place % 7}
"""30 of the features."""


def table(chance: np.random.Generator, rows: int, shift: float = 0.0) -> pa.Table:
    """Draw rows. A shift moves every other number by that share of its mean; 0 is the reference's population."""
    columns: dict[str, Any] = {}
    for place in range(INTEGERS):
        columns[f"integer_{place}"] = chance.integers(0, 10 ** (1 + place % 6), rows)
    for place in range(NUMBERS):
        values = chance.gamma(2.0, 10.0 ** (place % 4), rows) * (1 + shift * (place % 2))
        columns[f"number_{place}"] = values.round(1 + place % 5) if place % 3 else values - values.mean()
    for place in range(CATEGORIES):
        words = np.array([f"kind {word}" for word in range(3 + 5 * place)])
        columns[f"category_{place}"] = words[chance.integers(0, len(words), rows)]
    return pa.table(
        {
            name: pa.array(values, mask=chance.random(rows) < NULLS if place % 4 == 0 else None)
            for place, (name, values) in enumerate(columns.items())
        }
    )


def write_rows(path: Path, rows: int, seed: int, shift: float = 0.0) -> Path:
    """Write the rows of a seed as Parquet."""
    chance = np.random.default_rng(seed)
    with pq.ParquetWriter(path, table(chance, 1).schema, compression="zstd") as writer:
        for first in range(0, rows, ROW_GROUP):
            writer.write_table(table(chance, min(ROW_GROUP, rows - first), shift))
    return path
