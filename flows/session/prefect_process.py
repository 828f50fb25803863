"""`python -m flows.session.prefect_process FD`: prepares Prefect's database and serves on an inherited socket."""

import gc
import os
import socket
import sys

from flows.session.prefect_database import ensure_prefect_database
from sagemaker_local.loopback_only import UVICORN_VARIABLE


def main() -> None:
    """Serve on the bound socket whose file descriptor is this process's argument."""
    import uvicorn

    listener = socket.socket(fileno=int(sys.argv[1]))
    ensure_prefect_database()
    config = uvicorn.Config(
        "prefect.server.api.server:create_app",
        factory=True,
        http=os.environ[UVICORN_VARIABLE],
        log_level="error",
        lifespan="on",
    )
    config.load()
    gc.freeze()  # these objects stay: no later search looks at them
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
