"""Rows that equal an earlier row."""

from pathlib import Path

from config.thresholds import DuplicateRows
from tasks.rows.duplicates import DUPLICATES, count_duplicates, find_duplicates
from tasks.rows.row_database import FAILED, row_database
from tests.tasks.rows.checks import CASE, parquet_files

OWN = list(CASE.columns)
BY_AGE = DuplicateRows(columns=("age",))


def test_rows_are_compared_by_the_columns_of_the_settings(tmp_path: Path) -> None:
    with row_database(parquet_files(CASE, tmp_path, [{"age": 11}, {"age": 11}, {"age": 12}]), OWN) as database:
        assert count_duplicates(database, OWN, BY_AGE) == 1
        assert count_duplicates(database, OWN, DuplicateRows()) == 0


def test_a_row_that_fails_a_blocking_rule_is_no_first_row(tmp_path: Path) -> None:
    with row_database(parquet_files(CASE, tmp_path, [{"age": 11}] * 3), OWN) as database:
        database.connection.execute(f"INSERT INTO {FAILED} VALUES (0, 7)")
        assert find_duplicates(database, OWN, BY_AGE, [7]) == 1
        assert database.connection.execute(f"SELECT * FROM {DUPLICATES}").fetchall() == [(2, 1)]
