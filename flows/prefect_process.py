"""`python -m flows.prefect_process HOST PORT`: Prefect's server alone, its database ready."""

import os
import sys

from flows.prefect_database import ensure_prefect_database
from sagemaker_local.loopback_only import UVICORN_VARIABLE


def main() -> None:
    """Serve at the address of this process's arguments."""
    import uvicorn

    host, port = sys.argv[1:]
    ensure_prefect_database()
    uvicorn.run(
        "prefect.server.api.server:create_app",
        factory=True,
        host=host,
        port=int(port),
        http=os.environ[UVICORN_VARIABLE],
        log_level="error",
        lifespan="on",
    )


if __name__ == "__main__":
    main()
