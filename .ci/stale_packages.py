"""Prints the installed packages that none of the given locks has: those of earlier locks. A test must not need one."""

import re
import sys
from collections.abc import Iterable
from importlib.metadata import distributions
from pathlib import Path

KEPT = {"pip", "vishwaops"}


def locked(text: str) -> set[str]:
    """The packages of a lock, by their normal names."""
    return {_normal(name) for name in re.findall(r"^([A-Za-z0-9._-]+)(?:\[.*?\])?==", text, re.MULTILINE)}


def stale(installed: Iterable[str], locks: Iterable[str]) -> list[str]:
    """The installed packages that are in no lock."""
    return sorted({_normal(name) for name in installed} - KEPT - {name for text in locks for name in locked(text)})


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    locks = [Path(name).read_text() for name in sys.argv[1:]]
    print(*stale((found.metadata["Name"] for found in distributions()), locks))
