"""SQLite databases of libraries, created or upgraded by one process at a time."""

from collections.abc import Callable
from pathlib import Path

from sagemaker_local.private_files import file_lock


def migrate_once(database: Path, version: str, migrate: Callable[[], object]) -> None:
    """Run `migrate` unless this version of the library has migrated `database` already. Other processes wait for it.

    Two concurrent migrations of one file damage it, or one of them fails with `table already exists`. The lock file is
    next to the database. Raises OSError when the folder can't be written, and what `migrate` raises.
    """
    done = database.with_name(f"migrated-{version}")
    if database.exists() and done.exists():
        return
    with file_lock(database.with_name("database.lock")):
        if not (database.exists() and done.exists()):
            migrate()
            done.touch()
