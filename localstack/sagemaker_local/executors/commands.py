"""Checks that a container's command can be started, and says what to change if it can't."""

from __future__ import annotations

import os
import posixpath
import shutil
from pathlib import Path, PurePosixPath

from sagemaker_local.errors import JobFailure

_ML = "/opt/ml"


def check(command: list[str], path: str, directory: str, ml: Path) -> None:
    """Refuses a command whose program does not exist.

    Args:
        command: the program and its arguments, as the container sees them.
        path: the container's PATH.
        directory: where it starts, as the container sees it.
        ml: the folder on this machine that is the container's /opt/ml.

    Raises:
        JobFailure: the program does not exist, or can't be executed.
    """
    program = command[0]
    if "/" in program:
        problem = _problem(posixpath.join(directory, program), ml)
    else:
        problem = "" if shutil.which(program, path=path) else "it is not on the PATH of the container"
    if problem:
        raise JobFailure(
            f"ClientError: {program.replace(str(ml), _ML)} can't be started: {problem}. Correct the "
            "ContainerEntrypoint of the job."
        )


def _problem(path: str, ml: Path) -> str:
    file = _real(path, ml)
    if not file.exists():
        return "there is no such file in the container"
    if not file.is_file():
        return "it is a folder"
    if not os.access(file, os.X_OK):
        return "it may not be executed; name its interpreter before it, such as /bin/sh"
    interpreter = _interpreter(file)
    if interpreter and not _real(interpreter, ml).exists():
        return f"its first line names the interpreter {interpreter}, which is not in the container"
    return ""


def _real(path: str, ml: Path) -> Path:
    """The file on this machine behind a path in the container."""
    inside = PurePosixPath(path)
    return ml / inside.relative_to(_ML) if inside.is_relative_to(_ML) else Path(path)


def _interpreter(script: Path) -> str:
    """The interpreter in a script's first line, after `#!`; empty for a program."""
    with script.open("rb") as file:
        first = file.readline(256)
    words = first[2:].decode(errors="replace").split() if first.startswith(b"#!") else []
    return words[0] if words else ""
