"""Databases that SQLAlchemy reads: DuckDB here, whose driver is installed."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from config.errors import SourceError
from config.sources import SqlSource
from tasks.sources import open_source
from tasks.sources.databases import others
from tests.source_rows import gathered, sound_cells


def rows(connection: str, **keys: Any) -> dict[str, list[object]]:
    return sound_cells(open_source(SqlSource(kind="sql", connection=connection, **keys), None, "small_one"))


@pytest.fixture
def address(tmp_path: Path) -> str:
    values = (
        "9007199254740993 AS id, 1.10::DECIMAL(9, 2) AS fee, true AS yes, DATE '2024-02-29' AS day, NULL AS nothing"
    )
    with duckdb.connect(tmp_path / "school.db") as made:
        made.execute(f"CREATE TABLE t AS SELECT {values}, TIMESTAMPTZ '2024-01-01 00:00:00+05' AS at")
    return f"duckdb:///{tmp_path / 'school.db'}"


def test_values_are_texts_with_every_digit(address: str) -> None:
    expected = ["9007199254740993", "1.10", "true", "2024-02-29", None, "2023-12-31T19:00:00+00:00"]
    assert [cells for (cells,) in rows(address, table="t").values()] == expected
    assert rows(address, query="SELECT id + 1 AS next FROM t;") == {"next": ["9007199254740994"]}


def test_batches_have_a_limit(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(others, "BATCH_ROWS", 10)
    query = "SELECT range AS id FROM range(25)"
    source = open_source(SqlSource(kind="sql", connection=address, query=query, key="id"), None, "small_one")
    assert [len(batch) for batch in source.batches()] == [10, 10, 5]
    assert gathered(source)["id"].to_pylist() == [str(number) for number in range(25)]


def test_what_can_t_be_read_is_said_in_a_sentence(address: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="Install its driver"):
        rows("nosuch://me:${X:-hunter2}@host/school", table="t")
    with pytest.raises(SourceError, match=r"found oracle.oracledb:// .*Install its driver") as refused:
        rows("oracle+oracledb://me:${X:-hunter2}@host/school", table="t")
    assert "hunter2" not in str(refused.value)
    with pytest.raises(SourceError, match=r"school.db: can't be read: .*nowhere does not exist"):
        rows(address, table="nowhere")
    with pytest.raises(SourceError, match=r"source.watermark: expected PostgreSQL or SQLite, found duckdb"):
        rows(address, table="t", watermark="id")
    with pytest.raises(SourceError, match="found list in 'l'"):
        rows(address, query="SELECT [1] AS l")
