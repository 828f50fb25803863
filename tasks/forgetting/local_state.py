"""This machine's state: pages, logs, MLflow's files, and the SQLite databases of Prefect and MLflow."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from config import settings
from tasks.experiments import tracking
from tasks.forgetting.places import TEXTS
from tasks.forgetting.values import Values
from tasks.pages.publishing import report_path

NOT_OURS = ("cloud", "images", "localstack-env", "bench-packages", "checkov-env", "drift-env", "mlserver-packages")
"""Folders of the state that hold programs, or what their own servers write and clear."""
LARGEST = 64 << 20
"""Bytes of a file: a larger one is no page and no log of ours."""
BUSY_SECONDS = 30


def scrub(use_case: str, values: Values, versions: Sequence[str]) -> list[str]:
    """Remove the values from this machine's files and databases, and the pages of these versions.

    Returns the paths of what has changed.
    """
    changed = [path for path in _files() if _scrub_file(path, values)]
    for digest in versions:
        page = report_path(use_case, f"data-{digest}")
        if page.exists():
            page.unlink()
            changed.append(page)
    databases = (Path(os.environ["PREFECT_HOME"]) / "prefect.db", tracking.folder() / "mlflow.db")
    changed += [path for path in databases if path.exists() and _scrub_database(path, values)]
    return sorted(map(str, changed))


def _files() -> Iterator[Path]:
    for folder, names, files in os.walk(settings.STATE):
        if Path(folder) == settings.STATE:
            names[:] = [name for name in names if name not in NOT_OURS]
        yield from (Path(folder, name) for name in files if name.endswith(TEXTS))


def _scrub_file(path: Path, values: Values) -> bool:
    """Replace a file by one without the values. A log that another process writes stays the same file."""
    try:
        if path.is_symlink() or path.stat().st_size > LARGEST:
            return False
        before = path.read_bytes()
    except FileNotFoundError:  # another process has deleted it
        return False
    after = values.removed_from_body(path.name, before)
    if after == before:
        return False
    with path.open("r+b") as file:
        file.write(after)
        file.truncate()
    return True


def _scrub_database(path: Path, values: Values) -> bool:
    """Replace the values in all texts of a database, and overwrite what was there.

    Texts are read without a lock, and each column's changes are one short transaction: a server may use the database.
    """
    if not values:
        return False
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as database:
        database.execute("PRAGMA secure_delete = ON")
        changed = sum(_scrub_column(database, values, *each) for each in _text_columns(database))
        if changed:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return changed > 0


def _text_columns(database: sqlite3.Connection) -> list[tuple[str, str]]:
    """The columns with texts of the tables whose rows have numbers."""
    known = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    tables = [name for name, sql in database.execute(known) if "WITHOUT ROWID" not in str(sql).upper()]
    found = []
    for table in tables:
        for _, column, kind, *_ in database.execute(f'PRAGMA table_info("{table}")'):
            if any(each in kind.upper() for each in ("CHAR", "TEXT", "JSON")) or not kind:
                found.append((table, column))
    return found


def _scrub_column(database: sqlite3.Connection, values: Values, table: str, column: str) -> int:
    texts = f'SELECT rowid, "{column}" FROM "{table}" WHERE typeof("{column}") = \'text\''  # noqa: S608  its own names
    found = [(new, row) for row, text in database.execute(texts) if (new := values.removed_from(text)) != text]
    with database:
        database.executemany(f'UPDATE "{table}" SET "{column}" = ? WHERE rowid = ?', found)  # noqa: S608
    return len(found)
