"""The memory of a process tree, as if nothing else ran on the machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil


def memory_alone(pid: int) -> float:
    """MB of a process and its child processes; pages that they share are counted once.

    Other programs may map the same libraries, and PSS would divide their pages among all. Here the pages of a file
    are those of the process that has the most of them.
    """
    files: dict[tuple[str, str], int] = {}
    dirty = 0
    root = psutil.Process(pid)
    for process in (root, *root.children(recursive=True)):
        for file, offset, resident, own in _mappings(process.pid):
            dirty += own
            files[file, offset] = max(resident, files.get((file, offset), 0))
    return (dirty + sum(files.values())) * 1024 / 1e6


def _mappings(pid: int) -> Iterator[tuple[str, str, int, int]]:
    """The inode, the offset, the clean kB and the proportional dirty kB of each mapping of a process."""
    try:
        lines = Path(f"/proc/{pid}/smaps").read_text().splitlines()
    except OSError:  # it has ended
        return
    file = offset = ""
    clean = 0
    for line in lines:
        name, *rest = line.split()
        if "-" in name and len(rest) >= 4:
            offset, file, clean = rest[1], rest[3], 0
        elif name in ("Shared_Clean:", "Private_Clean:"):
            clean += int(rest[0])
        elif name == "Pss_Dirty:":
            dirty = int(rest[0])
        elif name == "Referenced:":
            yield file if file != "0" else f"{pid} {offset}", offset, clean, dirty
