"""Generated rows for the benchmarks of data: 35 columns of integers, floats, categories and dates, some with nulls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv

from config.use_case import UseCase
from tests.use_cases import small_use_case

INTEGERS, NUMBERS, CATEGORIES, DATES = 11, 13, 8, 2
NULLS = 0.05
"""The share of nulls in every fourth column."""
ROWS_AT_ONCE = 100_000


def write_csv(path: Path, rows: int, seed: int = 11) -> Path:
    """Write the rows of a seed, unless the file exists."""
    if path.exists():
        return path
    chance = np.random.default_rng(seed)
    unfinished = path.with_suffix(".unfinished")
    options = csv.WriteOptions(quoting_style="none", quoting_header="none")
    with csv.CSVWriter(unfinished, _table(chance, 0, 0).schema, write_options=options) as writer:
        for first in range(0, rows, ROWS_AT_ONCE):
            writer.write_table(_table(chance, first, min(ROWS_AT_ONCE, rows - first)))
    return unfinished.rename(path)


def _table(chance: np.random.Generator, first: int, rows: int) -> pa.Table:
    columns: dict[str, Any] = {"id": pa.array(np.arange(first, first + rows))}
    for place in range(INTEGERS):
        columns[f"integer_{place}"] = _some(chance, place, chance.integers(0, 10 ** (1 + place % 6), rows))
    for place in range(NUMBERS):
        values = chance.gamma(2.0, 10.0 ** (place % 4), rows).round(1 + place % 5)
        columns[f"number_{place}"] = _some(chance, place, values)
    for place in range(CATEGORIES):
        words = np.array(categories(place))
        columns[f"category_{place}"] = _some(chance, place, words[chance.integers(0, len(words), rows)])
    for place in range(DATES):
        days = np.datetime64("2010-01-01") + chance.integers(0, 5_000, rows)
        columns[f"date_{place}"] = pa.array(days.astype("datetime64[D]"))
    return pa.table(columns)


def _some(chance: np.random.Generator, place: int, values: np.ndarray) -> pa.Array:
    return pa.array(values, mask=chance.random(len(values)) < NULLS if place % 4 == 0 else None)


def categories(place: int) -> list[str]:
    """The words of a category column."""
    return [f"kind {word}" if place % 2 else f"c{word}" for word in range(3 + 5 * place)]


def use_case() -> UseCase:
    """The use case of the rows."""
    columns: dict[str, dict[str, Any]] = {"id": {"type": "integer", "minimum": 0}}
    for place in range(INTEGERS):
        columns[f"integer_{place}"] = {"type": "integer", "minimum": 0, "nullable": place % 4 == 0}
    for place in range(NUMBERS):
        columns[f"number_{place}"] = {"type": "number", "minimum": 0, "nullable": place % 4 == 0}
    for place in range(CATEGORIES):
        columns[f"category_{place}"] = {
            "type": "category",
            "categories": categories(place),
            "nullable": place % 4 == 0,
        }
    for place in range(DATES):
        columns[f"date_{place}"] = {"type": "date"}
    target = {"column": "category_1", "task": "multiclass", "classes": categories(1)}
    return small_use_case(
        name="benchmark_rows",
        columns=columns,
        key=["id"],
        target=target,
        features=[name for name in columns if name not in ("id", "category_1") and not name.startswith("date")],
        candidates=[{"name": "logistic", "algorithm": "logistic_regression"}],
        evaluation={"primary": "accuracy", "gates": [{"metric": "accuracy", "at_least": 0.1}]},
    )
