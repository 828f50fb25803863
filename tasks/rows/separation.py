"""Separates the checked rows: good rows, rows without a target, duplicates and quarantine, in files of Parquet."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from config.use_case import UseCase
from tasks.model_contract import columns
from tasks.rows import sql_rules
from tasks.rows.checking import Checked
from tasks.rows.duplicates import DUPLICATES
from tasks.rows.quarantine import Quarantine
from tasks.rows.row_database import FAILED, ROW, STORED, RowDatabase

VERDICTS, BAD, LACKING, LEFT_OUT = "verdicts", "bad_rows", "rows_without_target", "rows_left_out"
"""A table of rows and verdicts, and the marks of rows."""
ROW_GROUP = 100_000


@dataclass(frozen=True)
class Separated:
    """The files of a separation, and the number of their rows."""

    kept: Path
    without_target: Path
    quarantine: Path
    rows: int
    """All rows that were read, malformed ones too."""
    dropped: int
    """Duplicates that are in none of the files."""
    quarantined: Quarantine

    @property
    def kept_rows(self) -> int:
        """The number of good rows."""
        return rows_of(self.kept)

    @property
    def without_target_rows(self) -> int:
        """The number of good rows that only lack a target."""
        return rows_of(self.without_target)


def separate(database: RowDatabase, use_case: UseCase, checked: Checked, batch_rows: int) -> Separated:
    """Write the rows of each kind, in the order of the dataset.

    Raises RuntimeError when they are not all rows, each once: an error of VishwaOps, not of the data.
    """
    dropped = use_case.quality.duplicates.action == "drop"
    _store_verdicts(database, checked, dropped=dropped)
    own = pa.schema([database.schema.field(name) for name in use_case.columns], database.schema.metadata)
    kept, lacking, bad = (database.folder / f"{name}.parquet" for name in ("rows", "without_target", "quarantine"))
    quarantine = Quarantine(checked.rules, columns(use_case), database.schema)
    with ThreadPoolExecutor(1, "quarantine") as thread:  # it uses one processor, and DuckDB's COPY the others
        writing = thread.submit(quarantine.write, database, BAD, batch_rows, bad)
        _copy(database, own, f"NOT {database.is_marked(LEFT_OUT)}", kept)
        writing.result()
    _copy(database, own, database.is_marked(LACKING), lacking)
    separated = Separated(kept, lacking, bad, database.rows, checked.duplicates if dropped else 0, quarantine)
    require_all(use_case, separated)
    return separated


def _store_verdicts(database: RowDatabase, checked: Checked, *, dropped: bool) -> None:
    verdicts = sql_rules.verdicts(checked.blocking, checked.excused, FAILED, ROW)
    database.connection.execute(f"CREATE TABLE {VERDICTS} AS {verdicts}")
    twice = f" AND {ROW} NOT IN (SELECT {ROW} FROM {DUPLICATES})" if dropped else ""
    both = f" UNION SELECT {ROW} FROM {DUPLICATES}" if dropped else ""
    database.mark(BAD, f"SELECT {ROW} FROM {VERDICTS} WHERE bad = 1")
    database.mark(LACKING, f"SELECT {ROW} FROM {VERDICTS} WHERE bad = 0{twice}")
    database.mark(LEFT_OUT, f"SELECT {ROW} FROM {VERDICTS}{both}")


def _copy(database: RowDatabase, own: pa.Schema, which: str, path: Path) -> None:
    """Write rows with the schema's columns. DuckDB keeps their order, and the sizes of the row groups."""
    metadata = {name.decode(): value.decode() for name, value in (own.metadata or {}).items()}
    stored = ", ".join(f"{sql_rules.identifier(name)}: {sql_rules.literal(text)}" for name, text in metadata.items())
    options = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP}"
    options += f", KV_METADATA {{{stored}}}" if stored else ""
    query = f"SELECT {sql_rules.columns(own.names)} FROM {STORED} WHERE {which}"
    database.connection.execute(f"COPY ({query}) TO {sql_rules.literal(str(path))} ({options})")


def require_all(use_case: UseCase, found: Separated) -> None:
    """Raise RuntimeError when the separated rows are not all rows, each once."""
    parts = {
        "good": found.kept_rows,
        "quarantined": found.quarantined.rows,
        "duplicates dropped": found.dropped,
        "without target": found.without_target_rows,
    }
    if sum(parts.values()) != found.rows:
        shown = " + ".join(f"{rows:,} {name}" for name, rows in parts.items())
        raise RuntimeError(
            f"{use_case.name}: expected each of {found.rows:,} rows once after validation, found {shown} = "
            f"{sum(parts.values()):,}. This is an error of VishwaOps: report it with the version of the data set"
        )


def rows_of(path: Path) -> int:
    """Return the number of rows of a Parquet file."""
    return int(pq.read_metadata(path).num_rows)
