"""Rows of SQLite, whose columns may hold values of any type."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from config.errors import SourceError
from config.sources import SqlSource
from tasks.sources import open_source
from tasks.sources.databases import sqlite as driver
from tasks.sources.source import Incremental, Position, Source
from tests.source_rows import gathered, sound_cells


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a b?.db"


@pytest.fixture
def made(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that commits each statement."""
    with closing(sqlite3.connect(path, isolation_level=None)) as made:
        yield made


def source(path: Path, **keys: Any) -> Source:
    connection = f"sqlite:///{str(path).replace('?', '%3F')}"
    return open_source(SqlSource(kind="sql", connection=connection, **keys), None, "small_one")


def read(path: Path, position: Position | None = None, **keys: Any) -> tuple[list[str], Position]:
    opened = source(path, table="t", **keys)
    assert isinstance(opened, Incremental)
    after = opened.after(position)
    return gathered(after)["text"].to_pylist(), after.position()


def test_every_value_is_its_text_whatever_the_types_of_its_column(path: Path, made: sqlite3.Connection) -> None:
    made.execute('CREATE TABLE t (id INTEGER, "odd "" name" , x REAL)')
    made.executemany(
        "INSERT INTO t VALUES (?, ?, ?)", [(2**60, None, 0.1), (2, "ü", 1e300), (None, 7, None), ("x", 2.5, 3)]
    )
    assert sound_cells(source(path, table="t")) == {
        "id": ["1152921504606846976", "2", None, "x"],
        'odd " name': [None, "ü", "7", "2.5"],
        "x": ["0.1", "1e+300", None, "3.0"],
    }


def test_bytes_are_refused_by_name(path: Path, made: sqlite3.Connection) -> None:
    made.execute("CREATE TABLE t AS SELECT 1 AS id, x'00' AS photo")
    with pytest.raises(SourceError, match=r"expected columns of single values, found bytes in 'photo'"):
        gathered(source(path, table="t"))


def test_a_query_only_reads_and_every_row_is_of_one_moment(
    path: Path, made: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "BATCH_ROWS", 10)
    made.execute("PRAGMA journal_mode = WAL")
    made.execute("CREATE TABLE t (id)")
    made.execute("BEGIN")
    made.executemany("INSERT INTO t VALUES (?)", [(number,) for number in range(1000)])
    made.execute("COMMIT")
    batches = source(path, query="SELECT id FROM t; ", key="id").batches()
    next(batches)
    made.execute("DELETE FROM t WHERE id >= 500")
    assert sum(map(len, batches)) == 990
    for query in ("DELETE FROM t RETURNING id", "SELECT 1; SELECT 2"):
        with pytest.raises(SourceError, match="can't be read: "):
            gathered(source(path, query=query))
    assert made.execute("SELECT count(*) FROM t").fetchone() == (500,)


def test_a_missing_file_table_or_column_is_named(path: Path, made: sqlite3.Connection) -> None:
    with pytest.raises(SourceError, match="there is no such file; a relative path has three slashes"):
        gathered(source(path.with_name("other.db"), table="t"))
    with pytest.raises(SourceError, match="can't be read: no such table: t"):
        gathered(source(path, table="t"))
    made.execute("CREATE TABLE t AS SELECT 1 AS id")
    with pytest.raises(SourceError, match=r"can't be read: no such column: rows_of_the_source.at"):
        read(path, watermark="at")


@pytest.mark.parametrize(
    "times", [(1, 2, 3), (1.5, 2, 2.5), ("2024-01-01 10:00:00", "2024-01-01 10:00:01", "2024-01-01T10:00:00Z")]
)
def test_each_read_has_the_rows_after_the_last(path: Path, made: sqlite3.Connection, times: tuple[Any, ...]) -> None:
    made.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, at, text)")
    made.execute("INSERT INTO t (at, text) VALUES (?, 'b'), (?, 'a')", (times[1], times[0]))
    first, position = read(path, watermark="at", key="id")
    made.execute("INSERT INTO t (at, text) VALUES (?, 'c'), (?, 'd')", (times[1], times[2]))
    second, position = read(path, position, watermark="at", key="id")
    assert (first, second) == (["a", "b"], ["c", "d"])
    assert read(path, position, watermark="at", key="id")[0] == []


def test_rows_that_no_read_would_find_are_refused(path: Path, made: sqlite3.Connection) -> None:
    made.execute("CREATE TABLE t (at, text)")
    made.execute("INSERT INTO t VALUES (1, 'a')")
    _, position = read(path, watermark="at")
    made.execute("INSERT INTO t VALUES (1, 'b')")
    with pytest.raises(
        SourceError, match="expected no further rows with at = 1, at which the last read ended; found 1"
    ):
        read(path, position, watermark="at")
    made.execute("INSERT INTO t VALUES (NULL, 'c')")
    with pytest.raises(SourceError, match="expected a watermark in every row, found 1 rows"):
        read(path, watermark="at")
    made.execute("INSERT INTO t VALUES ('x', 'c')")
    with pytest.raises(SourceError, match=r"found integer and text in 'at'. Convert them"):
        read(path, watermark="at")


def test_lag_is_of_numbers(path: Path, made: sqlite3.Connection) -> None:
    made.execute("CREATE TABLE t (at, text)")
    made.execute("INSERT INTO t VALUES (10, 'a'), (20, 'b')")
    first, position = read(path, watermark="at", lag=5)
    made.execute("INSERT INTO t VALUES (16, 'late'), (30, 'c')")
    assert (first, read(path, position, watermark="at", lag=5)[0]) == (["a"], ["late", "b"])
    made.execute("UPDATE t SET at = 'x' || at")
    with pytest.raises(SourceError, match=r"source.lag: expected a watermark of numbers, found texts in 'at'"):
        read(path, watermark="at", lag=5)
