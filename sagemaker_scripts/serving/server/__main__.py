"""Serves the model in SAGEMAKER_BASE_DIR (/opt/ml)/model: `python -m serving.server`."""

import sys

import uvloop

from serving.server.front import Front, ServerFailure
from serving.server.settings import Settings


def main() -> int:
    """Serve until SIGTERM. Returns the exit status: 1, after one sentence, where the server can't serve."""
    loop = uvloop.new_event_loop()
    try:
        loop.run_until_complete(Front(loop, Settings.from_environment()).run())
    except (ServerFailure, ValueError) as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
