"""Prevents a command with relocated paths from writing to the machine's own /opt/ml, or detects that it did."""

import os
from collections.abc import Set

from sagemaker_local.container.isolation import landlock
from sagemaker_local.container.isolation.programs import say

_ML = "/opt/ml"
_MOST_FILES = 20_000


class MachineMl:
    """The machine's own /opt/ml while one command runs."""

    def __init__(self, ml: str, guard: str) -> None:
        """Takes the folder that replaces /opt/ml, and `landlock` to forbid writing or `compare` to detect it."""
        self._ml, self._before = ml, _files() if guard == "compare" else None
        if guard == "landlock":
            landlock.forbid_writing(_ML)

    def code(self, code: int) -> int:
        """The command's exit code, or 1 with a reason where it succeeded but wrote to the machine's /opt/ml."""
        written = sorted(path for path, _ in _files() - self._before) if self._before is not None else []
        if not written:
            return code
        reason = (
            f"{written[-1]} of this machine was written to while this ran, and nothing of it is collected: with "
            f"relocated paths, /opt/ml is at {self._ml}. Take the path from the SM_ variables or an argument."
        )
        say(reason)
        self._note(reason)
        return code or 1

    def _note(self, reason: str) -> None:
        """Writes it as the job's FailureReason."""
        folder = os.path.join(self._ml, "output")
        if os.path.isdir(folder):
            with open(os.path.join(folder, "failure"), "w") as file:
                file.write(reason)


def _files() -> Set[tuple[str, int]]:
    """Files and folders with the times of their last changes; a limited number."""
    found: set[tuple[str, int]] = set()
    for folder, _, names in os.walk(_ML):
        for path in (folder, *(os.path.join(folder, name) for name in names)):
            found.add((path, os.lstat(path).st_mtime_ns))
        if len(found) > _MOST_FILES:
            break
    return found
