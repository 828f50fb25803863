"""The age of the newest row."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.thresholds import Freshness
from tasks.rows.freshness import check_freshness
from tasks.rows.row_database import CHECKED, row_database
from tests.tasks.rows.checks import CASE, parquet_files

NOW = datetime(2026, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("newest", "passed", "found"),
    [
        ("'2026-01-08'", True, "2026-01-08, 2.0 days before"),
        ("'2026-01-07 12:00'", False, "2026-01-07 12:00, 2.5 days before"),
        ("NULL", False, "no value"),
    ],
)
def test_the_newest_value_is_compared_with_now(tmp_path: Path, newest: str, passed: bool, found: str) -> None:
    with row_database(parquet_files(CASE, tmp_path, [{}]), list(CASE.columns)) as database:
        older = f"CASE WHEN {newest} IS NULL THEN NULL ELSE TIMESTAMP '2020-01-01' END"
        rows = f"SELECT CAST({newest} AS TIMESTAMP) AS day UNION ALL SELECT {older}"
        database.connection.execute(f"CREATE OR REPLACE VIEW {CHECKED} AS {rows}")
        check = check_freshness(database, Freshness(column="day", within_days=2), NOW)
    assert (check.passed, check.found, check.severity) == (passed, found, "stop")
