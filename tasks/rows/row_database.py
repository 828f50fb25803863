"""The rows of a dataset version in DuckDB: views over its local Parquet files, without a copy in memory."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from config.errors import ConfigError
from tasks.rows.sql_rules import columns, is_malformed, listed, literal
from tasks.rows.typed_rows import ADDED

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ROW = "row"
"""The number of a row in its dataset, from 0."""
STORED, SOUND, NUMBERED, CHECKED, FAILED = (
    "stored_rows", "sound_rows", "numbered_rows", "checked_rows", "failed_rules",
)  # fmt: skip
MEMORY = "384MB"
"""DuckDB's memory. Sorts, joins and groups that need more use the temporary folder."""
MOST_THREADS = 4
"""DuckDB's writer keeps a row group for each thread."""


class RowDatabase:
    """Views and tables over the rows of n Parquet files, in the order of the files.

    - `stored_rows`: all rows, with their number and every stored column.
    - `sound_rows`: the rows to check: all that are not malformed.
    - `numbered_rows`: the same rows, only their number and the use case's own columns.
    - `checked_rows`: the same rows, only the own columns.
    - `failed_rules`: the number of a row and of a rule that it fails.
    """

    def __init__(self, files: Sequence[Path], own: Sequence[str], folder: Path) -> None:
        rows = sum(pq.read_metadata(path).num_rows for path in files)
        self._open(f"SELECT {_numbers(files)} AS {ROW}, * FROM {_scan(files)}", own, folder, rows)
        self.schema = pq.read_schema(files[0])

    @classmethod
    def of_shown(cls, files: Sequence[Path], schema: pa.Schema, folder: Path, rows: int) -> RowDatabase:
        """Open some rows of a dataset of `rows` rows. The files have their numbers, then the columns of `schema`."""
        database = cls.__new__(cls)
        own = [name for name in schema.names if name not in ADDED]
        if not files:
            files = [folder / "none.parquet"]
            pq.write_table(pa.schema([pa.field(ROW, pa.int64()), *schema]).empty_table(), files[0])
        database._open(f"SELECT * FROM {_scan(files)}", own, folder, rows)
        database.schema = schema
        return database

    def _open(self, stored: str, own: Sequence[str], folder: Path, rows: int) -> None:
        _require_distinct(own)
        self.folder, self._own, self._left_out, self.rows = folder, list(own), "", rows
        self._marks: dict[str, str] = {}
        import duckdb  # takes half a second to import

        self.connection = duckdb.connect(config=settings(folder))
        self.connection.execute(f"CREATE VIEW {STORED} AS {stored}")
        self.connection.execute(f"CREATE TABLE {FAILED} ({ROW} BIGINT, rule INTEGER)")
        self._create_views()

    def leave_out(self, table: str) -> None:
        """Check the rows without those of a table of row numbers."""
        self._left_out = f" AND {ROW} NOT IN (SELECT {ROW} FROM {table})"
        self._create_views()

    def mark(self, name: str, query: str) -> None:
        """Mark the rows whose numbers a query gives. A join with them would lose the order of the rows."""
        last = self.rows - 1
        bits = f"SELECT bitstring_agg({ROW}, 0, {last}) FROM ({query})"
        found = self.connection.execute(f"SELECT count(*) FROM ({query})").fetchone()
        self._marks[name] = f"SET VARIABLE {name} = ({bits})" if found and found[0] else ""
        self._set_marks(self.connection)

    def is_marked(self, name: str) -> str:
        """Return the SQL that is true for a marked row."""
        return f"get_bit(getvariable('{name}'), CAST({ROW} AS INTEGER)) = 1" if self._marks[name] else "false"

    def batches(self, query: str, rows: int) -> Iterator[pa.RecordBatch]:
        """Yield the result of a query in record batches."""
        cursor = self.connection.cursor()
        self._set_marks(cursor)
        yield from cursor.sql(query).to_arrow_reader(rows)

    def number(self, query: str) -> int:
        """Return the one number that a query gives; 0 for null. Several threads may ask at the same time."""
        found = self.connection.cursor().execute(query).fetchone()
        return int(found[0] or 0) if found else 0

    def arrays(self, query: str) -> dict[str, np.ndarray]:
        """Return the result of a query by column. Several threads may ask at the same time."""
        return self.connection.cursor().execute(query).fetchnumpy()

    def _set_marks(self, connection: DuckDBPyConnection) -> None:
        for statement in filter(None, self._marks.values()):
            connection.execute(statement)

    def close(self) -> None:
        """Close the connection, which deletes its temporary files."""
        self.connection.close()

    def _create_views(self) -> None:
        own = columns(self._own)
        sound = f"SELECT * FROM {STORED} WHERE NOT ({is_malformed()}){self._left_out}"
        self.connection.execute(f"CREATE OR REPLACE VIEW {SOUND} AS {sound}")
        self.connection.execute(f"CREATE OR REPLACE VIEW {NUMBERED} AS SELECT {ROW}, {own} FROM {SOUND}")
        self.connection.execute(f"CREATE OR REPLACE VIEW {CHECKED} AS SELECT {own} FROM {SOUND}")


@contextmanager
def row_database(files: Sequence[Path], own: Sequence[str]) -> Iterator[RowDatabase]:
    """Open the rows of the Parquet files. The folder of temporary files is deleted at the end."""
    with TemporaryDirectory(prefix="vishwaops-") as folder:
        database = RowDatabase(files, own, Path(folder))
        try:
            yield database
        finally:
            database.close()


def _require_distinct(names: Sequence[str]) -> None:
    """Raise ConfigError for names that are one in SQL."""
    seen: dict[str, str] = {}
    for name in names:
        if name.lower() in seen:
            raise ConfigError(
                "columns: expected names that differ in more than upper and lower case, which are one to SQL; "
                f"found {seen[name.lower()]!r} and {name!r}. Rename one, with its name in the file as `header`"
            )
        seen[name.lower()] = name


def settings(folder: Path, *, ordered: bool = True) -> dict[str, str | bool | int | float | list[str]]:
    """Return the settings of a DuckDB connection with bounded memory, whose temporary files are in a folder.

    It keeps the order of the rows that it reads, if `ordered`. No extension is downloaded.
    """
    return {
        "memory_limit": MEMORY,
        "temp_directory": str(folder / "spilled"),
        "threads": min(MOST_THREADS, os.cpu_count() or 1),
        "preserve_insertion_order": ordered,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }


def _scan(files: Sequence[Path]) -> str:
    return f"read_parquet({listed(literal(str(path)) for path in files)})"


def _numbers(files: Sequence[Path]) -> str:
    """Return the SQL of a row's number: its number in its file after the rows of the files before."""
    if len(files) == 1:
        return "CAST(file_row_number AS BIGINT)"
    cases, first = "", 0
    for number, path in enumerate(files):
        cases += f" WHEN {number} THEN {first}"
        first += pq.read_metadata(path).num_rows
    return f"CAST(file_row_number AS BIGINT) + CASE file_index{cases} END"
