"""Opens the SQLite files that hold the state of SageMaker local."""

import sqlite3
from pathlib import Path
from typing import Literal


def open_database(path: Path | str, schema: str, *, isolation_level: Literal["DEFERRED"] | None) -> sqlite3.Connection:
    """A connection that several threads may use under one lock.

    Args:
        path: the file, or `:memory:`.
        schema: statements that create what is missing.
        isolation_level: DEFERRED begins transactions implicitly; with None the caller begins them.
    """
    database = sqlite3.connect(path, check_same_thread=False, isolation_level=isolation_level)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.executescript(schema)
    return database
