"""FailureReason of errors of this machine, not of a script: what happened and what to do."""

from __future__ import annotations

import errno
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sagemaker_local.container.arguments import TOO_LONG

LONGEST_REASON = 1024
_FULL_DISK = ("No space left on device", "Errno 28", "disk is full", "Disk quota exceeded")
_RETRY_AFTER = 1.0
_PROBLEMS = {
    errno.E2BIG: TOO_LONG,
    errno.ENOSPC: "The disk of this machine is full. Free some space and start it again.",
    errno.EDQUOT: "The disk quota on this machine is used up. Free some space and start it again.",
    errno.EROFS: "The file system is read-only. Put the state folder on one that can be written.",
    errno.EACCES: "Permission is denied. Check who owns the state folder of SageMaker local, and its mode.",
    errno.EPERM: "Permission is denied. Check who owns the state folder of SageMaker local, and its mode.",
    errno.ENOENT: "A file is missing.",
    errno.ENOTDIR: "A folder is missing: there is a file in its place.",
    errno.EISDIR: "A file is missing: there is a folder in its place.",
    errno.EEXIST: "A new file or folder can't be made: there is one already.",
    errno.ENOEXEC: "A file is neither a program nor a script that names its interpreter in its first line.",
    errno.EMFILE: "Too many files are open. Raise the limit (ulimit -n), or run fewer jobs at once.",
    errno.ENFILE: "Too many files are open on this machine. Run fewer jobs at once.",
    errno.ENOMEM: "This machine has not enough memory. Run fewer jobs at once.",
    errno.EAGAIN: "This machine can start no more processes. Run fewer jobs at once.",
    errno.ENAMETOOLONG: "A file name is too long.",
}


def is_full_disk(message: str) -> bool:
    """Whether the message of an error, of a library or of SQLite, reports that there is no room on a disk."""
    return any(sign in message for sign in _FULL_DISK)


def internal(error: Exception) -> str:
    """The FailureReason for an error of this machine or of SageMaker local itself."""
    return f"InternalServerError: {described(error)}"


def described(error: Exception) -> str:
    """One or two sentences, with the file if there is one."""
    if isinstance(error, sqlite3.OperationalError):
        return f"SageMaker local can't write its database: {error}. Is the disk full?"
    if isinstance(error, RecursionError):
        return "Folders, or values, are nested too deep."
    problem = _PROBLEMS.get(error.errno or 0) if isinstance(error, OSError) else None
    if problem is None:
        return f"{type(error).__name__}: {error}"
    file = getattr(error, "filename", None)
    return f"{problem} ({file})" if file else problem


def beginning_of(file: Path) -> str:
    """The start of a file that a script wrote, at least as long as the limit of a FailureReason."""
    with file.open("rb") as opened:
        return opened.read(4 * LONGEST_REASON).decode(errors="replace")


def store_with_retries(ending: Callable[[], Any], over: Callable[[], bool]) -> None:
    """Stores the end of a job or endpoint; tries again while the database can't be written, as on a full disk.

    Args:
        ending: stores it.
        over: whether this server is ending; the next one then stores the end.
    """
    complained = False
    while True:
        try:
            ending()
            return
        except sqlite3.OperationalError as error:
            if over():
                return
            if not complained:
                print(f"{described(error)} Trying again.", file=sys.stderr)  # noqa: T201
            complained = True
            time.sleep(_RETRY_AFTER)
