"""`serve`: replaces itself by the model server that came with the model, `python -m serving.server`."""

import os
import sys
from pathlib import Path

from container import folders, user
from container.failure import ContainerFailure

SERVER = "serving.server"


def main() -> int:
    """Start the model server below /opt/ml/model/code. Returns 1, with the reason in the log, when it can't."""
    model = folders.base() / "model"
    try:
        _require_server(model / "code")
        user.become(reads=[model, *model.iterdir()])
        _replace_process(model / "code")
    except (ContainerFailure, OSError) as problem:
        print(problem, flush=True)
    return 1


def _replace_process(code: Path) -> None:
    # One thread: the server has a process per processor.
    environment = {"OMP_NUM_THREADS": "1", **os.environ, "PYTHONPATH": folders.python_path(code)}
    os.execve(sys.executable, [sys.executable, "-P", "-m", SERVER], environment)  # noqa: S606


def _require_server(code: Path) -> None:
    server = code.joinpath(*SERVER.split("."))
    if not (server.is_dir() or server.with_suffix(".py").is_file()):
        raise ContainerFailure(
            f"{server}: expected the model server that a training job stores with its model, found none. Train the "
            "model again, or serve it with the image that it was trained in"
        )
