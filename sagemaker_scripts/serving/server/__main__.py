"""Serves the model in SAGEMAKER_BASE_DIR (/opt/ml)/model: `python -m serving.server`."""

import resource
import sys

import uvloop

from serving.server.front import Front, ServerFailure
from serving.server.settings import Settings


def main() -> int:
    """Serve with the settings of the environment. Returns the exit status: 1, after one sentence, if it can't."""
    try:
        settings = Settings.from_environment()
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return serve(settings)


def _allow_descriptors() -> None:
    """Raise the limit of open files as far as allowed: connections must leave some for a new loader and its workers."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def serve(settings: Settings) -> int:
    """Serve until SIGTERM. Returns the exit status."""
    _allow_descriptors()
    loop = uvloop.new_event_loop()
    try:
        loop.run_until_complete(Front(loop, settings).run())
    except ServerFailure as failure:
        print(failure, file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
