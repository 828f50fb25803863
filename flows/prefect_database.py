"""Prefect's SQLite database, created and upgraded by one process at a time."""

import asyncio
import os
from pathlib import Path

from config import settings
from sagemaker_local.private_files import file_lock

OTHER_DATABASE = ("PREFECT_API_DATABASE_CONNECTION_URL", "PREFECT_SERVER_DATABASE_CONNECTION_URL")


def ensure_prefect_database() -> None:
    """Create or upgrade Prefect's database unless this version of Prefect has done it already.

    Two servers that migrate one file at once damage it, or one of them ends with `table already exists`. Imports
    Prefect. Raises what Prefect raises when the file can't be written.
    """
    import prefect

    database = Path(os.environ["PREFECT_HOME"]) / "prefect.db"
    done = database.with_name(f"migrated-{prefect.__version__}")
    if any(name in os.environ for name in OTHER_DATABASE) or (database.exists() and done.exists()):
        return
    with file_lock(settings.STATE / "prefect" / "database.lock"):
        if not (database.exists() and done.exists()):
            asyncio.run(_migrate())
            done.touch()


async def _migrate() -> None:
    from prefect.server.database import provide_database_interface

    await provide_database_interface().create_db()
