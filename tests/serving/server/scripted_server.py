"""Runs the model server over the scripted model: `python -m tests.serving.server.scripted_server`."""

import os
import sys
from dataclasses import replace

from serving.server import __main__ as command
from serving.server.settings import Settings

if __name__ == "__main__":
    settings = replace(
        Settings.from_environment(),
        loader="tests.serving.server.scripted_loader",
        head_time=float(os.environ.get("SCRIPTED_HEAD_TIME", Settings.head_time)),
        queue_bytes=int(os.environ.get("SCRIPTED_QUEUE_BYTES", Settings.queue_bytes)),
    )
    sys.exit(command.serve(settings))
