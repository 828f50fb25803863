"""Histories of students for tests of windows."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from config.use_case import UseCase
from tasks import names, run_records
from tasks.references import StageRecord, ValidatedDataset
from tests.tasks.feature_store.validated import validated_rows
from tests.use_cases import small_use_case

COLUMNS: dict[str, Any] = {
    "id": {"type": "integer", "minimum": 1},
    "student": {"type": "category"},
    "taken_at": {"type": "datetime"},
    "hours": {"type": "number", "nullable": True},
    "passed": {"type": "category", "categories": ["no", "yes"]},
}
DERIVED = {"did_pass": {"expression": "passed == 'yes'", "type": "category"}}
WINDOWS: dict[str, Any] = {
    "pass_rate": {"aggregate": "mean", "of": "did_pass", "key": "student", "time": "taken_at"},
    "mean_hours": {"aggregate": "mean", "of": "hours", "key": "student", "time": "taken_at", "days": 30},
    "sum_hours": {"aggregate": "sum", "of": "hours", "key": "student", "time": "taken_at", "days": 7.5},
    "least_hours": {"aggregate": "min", "of": "hours", "key": "student", "time": "taken_at"},
    "most_hours": {"aggregate": "max", "of": "hours", "key": ["student", "passed"], "time": "taken_at"},
    "last_hours": {"aggregate": "last", "of": "hours", "key": "student", "time": "taken_at"},
    "exams": {"aggregate": "count", "key": "student", "time": "taken_at", "days": 30},
    "days_since": {"aggregate": "days_since_last", "key": "student", "time": "taken_at"},
}


def case(*wanted: str, **changes: Any) -> UseCase:
    """A use case with these windows, or all of them, as its features beside the hours."""
    windows = {name: WINDOWS[name] for name in wanted or WINDOWS}
    plain: dict[str, Any] = {
        "columns": COLUMNS, "derived": DERIVED, "windows": windows, "features": ["hours", *windows],
        "split": {"by": "time", "column": "taken_at", "validation": 0.2, "test": 0.2},
    }  # fmt: skip
    return small_use_case(**plain | changes)


def history(count: int = 300, students: int = 12, seed: int = 3) -> pd.DataFrame:
    """The (count, 5) typed rows of some students in a random order, with equal times and missing hours."""
    chance = np.random.default_rng(seed)
    days = chance.integers(0, 60, count) * 86_400 + chance.integers(0, 2, count) * 43_200
    hours = np.where(chance.random(count) < 0.2, np.nan, chance.integers(0, 400, count) / 8)
    return pd.DataFrame(
        {
            "id": pd.array(range(1, count + 1), "Int64"),
            "student": pd.array([f"s{number}" for number in chance.integers(0, students, count)], "string"),
            "taken_at": np.datetime64("2026-01-01", "us") + days.astype("timedelta64[s]"),
            "hours": hours,
            "passed": pd.array(chance.choice(["no", "yes"], count), "string"),
        }
    )


def batches(rows: pd.DataFrame, size: int = 100) -> list[pa.RecordBatch]:
    """The rows in batches of `size` rows."""
    return pa.Table.from_pandas(rows, preserve_index=False).to_batches(size)  # type: ignore[no-any-return]


def validated(use_case: UseCase, rows: pd.DataFrame) -> ValidatedDataset:
    """The rows as the newest ones that a run has validated."""
    found = validated_rows(use_case, rows)
    run_records.save.fn(
        StageRecord(
            use_case=use_case.name,
            run=names.stamp(),
            stage="validate",
            started=datetime.now(UTC),
            seconds=1.0,
            ran=(),
            reused=False,
            reference=found,
        )
    )
    return found
