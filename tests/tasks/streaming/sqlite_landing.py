"""A landing in SQLite: a micro-batch and the position after it in one transaction, as `tasks.landing` in one commit."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from config.use_case import UseCase
from tasks.references import DatasetVersion
from tasks.sources.source import FILE_COLUMN, Incremental, Source

TABLES = """
    create table if not exists commits (number integer primary key, position text);
    create table if not exists rows (place integer primary key, file text, id integer);
"""


@dataclass(frozen=True)
class SqliteLanding:
    """Lands the rows of sources with a column `id`."""

    path: Path
    before_commit: Callable[[], None] = lambda: None
    """Called between the reading of a micro-batch and its commit."""

    def __call__(self, use_case: UseCase, source: Source) -> DatasetVersion:
        """Land the rows after the last position, read again whenever another writer was faster."""
        assert isinstance(source, Incremental)
        while True:
            number, position = self.latest()
            new = source.after(position)
            rows = [(row[FILE_COLUMN], int(row["id"])) for batch in new.batches() for row in batch.to_pylist()]
            self.before_commit()
            if not rows:
                return version(use_case, number)
            if self._committed(number, rows, json.dumps(new.position())):
                return version(use_case, number + 1)

    def latest(self) -> tuple[int, dict[str, object] | None]:
        """The number of the last commit, and its position."""
        found = self._query("select position, number from commits order by number desc limit 1")
        return (found[0][1], json.loads(found[0][0])) if found else (0, None)

    def rows(self) -> list[tuple[str, int]]:
        """The file and the id of each row, in the order in which they landed."""
        return self._query("select file, id from rows order by place")

    def _query(self, query: str) -> list[tuple[str, int]]:
        with closing(sqlite3.connect(self.path, timeout=60)) as connection:
            connection.executescript(TABLES)
            return connection.execute(query).fetchall()

    def _committed(self, before: int, rows: list[tuple[str, int]], position: str) -> bool:
        with closing(sqlite3.connect(self.path, timeout=60)) as connection, connection:
            connection.execute("pragma synchronous = off")  # what a killed process has written stays
            connection.execute("begin immediate")
            if connection.execute("select coalesce(max(number), 0) from commits").fetchone()[0] != before:
                return False
            connection.executemany("insert into rows (file, id) values (?, ?)", rows)
            connection.execute("insert into commits values (?, ?)", (before + 1, position))
            return True


def version(use_case: UseCase, number: int) -> DatasetVersion:
    """The version after a commit."""
    return DatasetVersion(
        use_case=use_case.name, digest=str(number), source="", table="", snapshot=number, uri="", rows=0
    )
