"""Validation with 27 expectations, 1 % of the rows bad: beside Great Expectations on pandas, and SQL by hand.

Each reads a Parquet file of typed rows, and writes the good rows and the bad ones with all their reasons. Each runs in
a process of its own; the libraries are imported before the clock starts.
"""

# SQL of our own names

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from config.use_case import UseCase
from tasks import environment
from tests.benchmarks.figures import Figure
from tests.benchmarks.measured import Measured, measure, median
from tests.use_cases import small_use_case

SIZES = (1_000_000, 5_000_000)
TIMES = 5
SLOW_TIMES = {1_000_000: 3, 5_000_000: 1}
"""Fewer runs of the slow peer."""
ROWS_AT_ONCE = 100_000
BAD = 0.01
LEVELS = [f"level {place}" for place in range(8)]
OURS, PEER, LIMIT = "VishwaOps", "Great Expectations on pandas, COMPLETE", "DuckDB SQL by hand"


def figures(folder: Path, variables: Mapping[str, str]) -> Iterator[Figure]:
    """Measure at each size."""
    peaks = []
    for rows in SIZES:
        found = _measured(write_rows(folder / f"typed-{rows}.parquet", rows), variables)
        peaks.append(found[OURS].peak_mb)
        yield from _rows_of(rows, found)
    what = f"validate {SIZES[-1] // 1_000_000} million rows, peak memory"
    growth = peaks[-1] / peaks[0]
    yield Figure(what, "1 million rows", peaks[-1], peaks[0], "MB", "at most 1.3 times", growth <= 1.3)


def _measured(path: Path, variables: Mapping[str, str]) -> dict[str, Measured]:
    """The median cost of each work. The works take turns, so that a busy machine slows all of them."""
    rows = pq.read_metadata(path).num_rows
    times = {OURS: TIMES, LIMIT: TIMES, PEER: SLOW_TIMES.get(rows, 1)}
    runs: dict[str, list[Measured]] = {name: [] for name in WORKS}
    for turn in range(TIMES):
        for name in WORKS:
            if turn < times[name]:
                runs[name].append(measure(__name__, name, str(path), environment=variables))
    return {name: median(found) for name, found in runs.items()}


def _rows_of(rows: int, found: Mapping[str, Measured]) -> Iterator[Figure]:
    what, times = f"validate {rows // 1_000_000} million rows", SLOW_TIMES[rows]
    ours, peer, limit = found[OURS], found[PEER], found[LIMIT]
    beside = f"{PEER} ({'median of ' if times > 1 else ''}{times})"
    faster, smaller = peer.seconds / ours.seconds, ours.peak_mb / peer.peak_mb
    yield Figure(what, beside, ours.seconds, peer.seconds, "s", "7 times as fast", faster >= 7)
    yield Figure(f"{what}, peak memory", beside, ours.peak_mb, peer.peak_mb, "MB", "half", smaller <= 0.5)
    near = ours.seconds <= 1.5 * limit.seconds
    yield Figure(what, LIMIT, ours.seconds, limit.seconds, "s", "at most 1.5 times", near)


def use_case() -> UseCase:
    """The use case of the rows: 35 columns, 27 expectations."""
    columns: dict[str, dict[str, Any]] = {"id": {"type": "integer"}}
    for place in range(10):
        limits = {"minimum": 0, "maximum": 100} if place < 8 else {}
        columns[f"integer_{place}"] = {"type": "integer", "nullable": place > 4, **limits}
    for place in range(12):
        limits = {"minimum": -100, "maximum": 200} if place < 4 else {}
        columns[f"number_{place}"] = {"type": "number", "nullable": True, **limits}
    for place in range(10):
        listed = {"categories": LEVELS} if place < 7 else {}
        columns[f"category_{place}"] = {"type": "category", "nullable": place > 0, **listed}
    for place in range(2):
        columns[f"date_{place}"] = {"type": "date", "nullable": True}
    return small_use_case(
        name="benchmark_validation",
        columns=columns,
        key=["id"],
        target={"column": "category_0", "task": "multiclass", "classes": LEVELS},
        features=["integer_1"],
        evaluation={"primary": "accuracy", "gates": [{"metric": "accuracy", "at_least": 0.1}]},
    )


def write_rows(path: Path, rows: int, seed: int = 11) -> Path:
    """Write typed rows as `ingest` stores them, unless the file exists. One in a hundred has a bad cell."""
    from tasks.rows.typed_rows import stored_schema

    if path.exists():
        return path
    chance, schema = np.random.default_rng(seed), stored_schema(use_case())
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for first in range(0, rows, ROWS_AT_ONCE):
            writer.write_table(_table(chance, first, min(ROWS_AT_ONCE, rows - first), schema))
    return path


def _table(chance: np.random.Generator, first: int, rows: int, schema: pa.Schema) -> pa.Table:
    found: dict[str, Any] = {"id": np.arange(first, first + rows)}
    bad = chance.random(rows) < BAD
    for place in range(10):
        values = chance.integers(0, 100, rows)
        found[f"integer_{place}"] = pa.array(
            np.where(bad & (place == 0), 999, values), mask=chance.random(rows) < 0.05 if place > 4 else None
        )
        found[f"category_{place}"] = pa.array(LEVELS).take(pa.array(chance.integers(0, 8, rows)))
    for place in range(12):
        found[f"number_{place}"] = chance.normal(50, 10, rows).round(3)
    for place in range(2):
        days = np.datetime64("2010-01-01") + chance.integers(0, 5_000, rows)
        found[f"date_{place}"] = days.astype("datetime64[us]")
    found |= {"unread_cells": pa.array([""] * rows), "source_line": np.arange(first + 2, first + 2 + rows)}
    arrays = [pa.array(found[name], kind) if name in found else pa.nulls(rows, kind) for name, kind in _types(schema)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _types(schema: pa.Schema) -> list[tuple[str, pa.DataType]]:
    return [(field.name, field.type) for field in schema]


def _vishwaops(path: str) -> Callable[[], object]:
    environment.prepare()
    import great_expectations.expectations.core

    from tasks.rows.checking import Checks
    from tasks.rows.expectations import Expectations
    from tasks.rows.row_database import row_database
    from tasks.rows.separation import separate
    from tasks.rows.suites import build_suite
    from tasks.validate import BATCH_ROWS

    assert great_expectations.expectations.core is not None
    assert Expectations is not None
    case = use_case()
    suite = build_suite(case)

    def work() -> None:
        with row_database([Path(path)], list(case.columns)) as database:
            checked = Checks(database, case, suite).run({})
            separate(database, case, checked, BATCH_ROWS)

    return work


def _great_expectations(path: str) -> Callable[[], object]:
    environment.prepare()
    import great_expectations as gx
    import pandas as pd
    from great_expectations.core.expectation_suite import ExpectationSuite
    from great_expectations.data_context.types.base import ProgressBarsConfig

    from tasks.rows.suites import build_suite

    plain = [{"type": each["type"], "kwargs": each["kwargs"]} for each in build_suite(use_case())["expectations"]]
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    batches = context.data_sources.add_pandas("p").add_dataframe_asset("rows").add_batch_definition_whole_dataframe("w")

    def work() -> None:
        frame = pd.read_parquet(path)
        own = frame[list(use_case().columns)]
        results = batches.get_batch({"dataframe": own}).validate(ExpectationSuite("s", plain), result_format="COMPLETE")
        reasons: dict[int, list[str]] = {}
        for result in results.results:
            if not result.success and result.expectation_config:
                config, rows = result.expectation_config, result.result["unexpected_index_list"]
                for row, value in zip(rows, own[config.kwargs["column"]].loc[rows], strict=True):
                    reasons.setdefault(row, []).append(f"{config.kwargs['column']}: {config.type}, found {value}")
        bad = sorted(reasons)
        with TemporaryDirectory() as folder:
            own.drop(index=bad).to_parquet(f"{folder}/rows.parquet", compression="zstd")
            quarantine = frame.loc[bad].assign(reasons=[reasons[row] for row in bad])
            quarantine.to_parquet(f"{folder}/quarantine.parquet", compression="zstd")
        assert own.duplicated().sum() == 0

    return work


def _by_hand(path: str) -> Callable[[], object]:
    import duckdb

    case = use_case()

    def work() -> None:
        conditions = dict(_conditions(case))
        any_of = " OR ".join(f"({condition})" for condition in conditions.values())
        reasons = ", ".join(f"CASE WHEN {condition} THEN {text} END" for text, condition in conditions.items())
        own, rows = ", ".join(case.columns), f"read_parquet('{path}', file_row_number = true)"
        listed = f"list_filter([{reasons}], lambda x: x IS NOT NULL) AS reasons"
        with TemporaryDirectory() as folder, duckdb.connect() as database:
            run, zstd = database.execute, "(FORMAT parquet, COMPRESSION zstd)"
            run(f"CREATE TABLE repeated AS SELECT id FROM {rows} GROUP BY id HAVING count(*) > 1")
            run(f"COPY (SELECT *, {listed} FROM {rows} WHERE {any_of}) TO '{folder}/quarantine.parquet' {zstd}")
            run(f"COPY (SELECT {own} FROM {rows} WHERE NOT ({any_of})) TO '{folder}/rows.parquet' {zstd}")
            run(f"SELECT count(*) - count(DISTINCT hash({own})) FROM {rows}").fetchall()

    return work


def _conditions(case: UseCase) -> Iterator[tuple[str, str]]:
    """The text of a reason as SQL, and the condition of the rows that have it."""
    yield "'id: expected unique values'", "id IN (SELECT id FROM repeated)"
    for name, column in case.columns.items():
        expected, found = f"'{name}: expected {column.expected}", f"found ' || {name}"
        if not column.nullable:
            yield f"{expected}, found nothing'", f"{name} IS NULL"
        if column.minimum is not None:
            yield f"{expected}, {found}", f"coalesce({name} NOT BETWEEN {column.minimum} AND {column.maximum}, false)"
        if column.categories:
            known = ", ".join(f"'{word}'" for word in column.categories)
            yield f"{expected}, {found}", f"coalesce({name} NOT IN ({known}), false)"


WORKS: dict[str, Callable[[str], Callable[[], object]]] = {
    OURS: _vishwaops,
    PEER: _great_expectations,
    LIMIT: _by_hand,
}
