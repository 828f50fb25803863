"""`python -m flows.session.prefect_command ...`: runs Prefect's command after preparing its database.

Prefect's server accepts every Host and Origin header, and has no setting for Host. In the foreground it calls uvicorn
without reading environment variables. So uvicorn's default protocol is replaced in this process.
"""

import os
import sys

from flows.session.prefect_database import ensure_prefect_database
from sagemaker_local.loopback_only import UVICORN_VARIABLE


def main() -> None:
    """Run Prefect's command with this process's arguments."""
    import uvicorn.config

    uvicorn.config.HTTP_PROTOCOLS["auto"] = os.environ[UVICORN_VARIABLE]
    ensure_prefect_database()
    from prefect.cli import app

    sys.argv[0] = "prefect"
    app()


if __name__ == "__main__":
    main()
