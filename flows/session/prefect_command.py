"""`python -m flows.session.prefect_command ...`: Prefect's own command, with its database ready.

Prefect's server accepts any Host and any Origin, and has no setting for the one. In the foreground it starts uvicorn
by a call, which reads no variable, so uvicorn's usual protocol is replaced in this process.
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
