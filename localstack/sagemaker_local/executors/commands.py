"""Whether a container's command can be started at all: told before it is, in words that name what to change."""

from __future__ import annotations

import os
import posixpath
import shutil
from collections.abc import Callable
from pathlib import Path

from sagemaker_local.errors import JobFailure


def check(command: list[str], path: str, directory: str, real: Callable[[str], Path]) -> None:
    """Refuses a command whose program is not there.

    Args:
        command: the program and its arguments, as the container sees them.
        path: the container's PATH.
        directory: where it starts, as the container sees it.
        real: the file on this machine behind a path in the container.

    Raises:
        JobFailure: the program is not there or is none.
    """
    program = command[0]
    if "/" in program:
        problem = _problem(real(posixpath.join(directory, program)), real)
    else:
        problem = "" if shutil.which(program, path=path) else "it is not on the PATH of the container"
    if problem:
        raise JobFailure(
            f"ClientError: {program} can't be started: {problem}. Correct the ContainerEntrypoint of the job."
        )


def _problem(file: Path, real: Callable[[str], Path]) -> str:
    if not file.exists():
        return "there is no such file in the container"
    if not file.is_file():
        return "it is a folder"
    if not os.access(file, os.X_OK):
        return "it may not be executed; name its interpreter before it, such as /bin/sh"
    interpreter = _interpreter(file)
    if interpreter and not real(interpreter).exists():
        return f"its first line names the interpreter {interpreter}, which is not in the container"
    return ""


def _interpreter(script: Path) -> str:
    """What stands after `#!` in a script's first line; empty for a program."""
    with script.open("rb") as file:
        first = file.readline(256)
    words = first[2:].decode(errors="replace").split() if first.startswith(b"#!") else []
    return words[0] if words else ""
