"""Rows that equal an earlier row: counted, left out or quarantined."""

from config.thresholds import DuplicateRows
from tasks.model_contract import UNREAD
from tasks.rows.row_database import FAILED, ROW, SOUND, RowDatabase
from tasks.rows.sql_rules import columns, later_repeats, numbers

DUPLICATES = "duplicates"
"""The table of the rows that equal an earlier row, each with the number of the first such row."""


def count_duplicates(database: RowDatabase, own: list[str], settings: DuplicateRows) -> int:
    """Return the number of rows that are not malformed and equal an earlier row, by a 64-bit hash of each row.

    The probability of a collision among n rows is n² / 2^65.
    """
    values = columns(_compared(own, settings))
    hashes = f"SELECT hash({values}) AS hashed FROM {SOUND}"
    return database.number(f"SELECT count(*) - count(DISTINCT hashed) FROM ({hashes})")


def find_duplicates(database: RowDatabase, own: list[str], settings: DuplicateRows, blocking: list[int]) -> int:
    """Store the duplicates among the rows that fail no rule of the numbers `blocking`. Returns their number."""
    failed = f"SELECT {ROW} FROM {FAILED} WHERE rule IN ({numbers(blocking)})"
    rows = f"(SELECT * FROM {SOUND} WHERE {ROW} NOT IN ({failed}))"
    found = later_repeats(_compared(own, settings), rows, ROW)
    database.connection.execute(f"CREATE TABLE {DUPLICATES} AS {found}")
    return database.number(f"SELECT count(*) FROM {DUPLICATES}")


def _compared(own: list[str], settings: DuplicateRows) -> list[str]:
    return list(settings.columns) or [*own, UNREAD]
