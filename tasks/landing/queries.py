"""SQL over the local Parquet files of versions, by DuckDB."""

# ruff: noqa: S608  the names in queries are quoted

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

MEMORY = "512MB"
"""DuckDB's memory. What needs more uses a temporary folder."""


class Queries:
    """Views over rows, and the results of queries."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows that a query gives."""
        return self._connection.execute(query).fetchall()

    def row(self, query: str) -> tuple[Any, ...]:
        """Return the one row that a query gives."""
        return self.rows(query)[0]


@contextmanager
def queries(**views: Sequence[Path]) -> Iterator[Queries]:
    """Open a database with a view of each list of Parquet files, by name. It connects to nothing."""
    with TemporaryDirectory(prefix="vishwaops-queries-") as folder:
        settings: Mapping[str, Any] = {
            "memory_limit": MEMORY,
            "temp_directory": folder,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        with duckdb.connect(config=dict(settings)) as connection:
            for name, paths in views.items():
                files = ", ".join(literal(str(path)) for path in paths)
                connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet([{files}])")
            yield Queries(connection)


def literal(text: str) -> str:
    """Return a text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """Return the name of a column as SQL."""
    return '"' + name.replace('"', '""') + '"'
