"""Prefect's SQLite database, created and upgraded by one process at a time."""

import asyncio
import os
from pathlib import Path

from tasks.migrations import migrate_once

OTHER_DATABASE = ("PREFECT_API_DATABASE_CONNECTION_URL", "PREFECT_SERVER_DATABASE_CONNECTION_URL")


def ensure_prefect_database() -> None:
    """Create or upgrade Prefect's database unless this version of Prefect has done it already.

    If one of OTHER_DATABASE is set, Prefect manages that database itself. Imports Prefect. Raises Prefect's error when
    the file can't be written.
    """
    import prefect

    if not any(name in os.environ for name in OTHER_DATABASE):
        database = Path(os.environ["PREFECT_HOME"]) / "prefect.db"
        migrate_once(database, prefect.__version__, lambda: asyncio.run(_migrate()))


async def _migrate() -> None:
    from prefect.server.database import provide_database_interface

    await provide_database_interface().create_db()
