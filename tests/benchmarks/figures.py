"""A measured figure next to a peer's figure or a limit, and helpers for measuring."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One row of the results."""

    what: str
    beside: str
    """The peer or the limit of the figure `theirs`."""
    ours: float
    theirs: float
    unit: str
    goal: str
    holds: bool

    def row(self, subject: str) -> dict[str, Any]:
        """The figure as in `results.json`."""
        rounded = {"ours": round(self.ours, 4), "theirs": round(self.theirs, 4)}
        ratio = round(self.ours / self.theirs, 3) if self.theirs else None
        return {"subject": subject, **asdict(self), **rounded, "ratio": ratio}


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def median(work: Callable[[], object], times: int) -> float:
    """The median duration of so many calls, in seconds."""
    return statistics.median(seconds(work) for _ in range(times))


def per_second(work: Callable[[], object], for_seconds: float) -> float:
    """The number of sequential calls per second."""
    began, done = time.perf_counter(), 0
    while (passed := time.perf_counter() - began) < for_seconds:
        work()
        done += 1
    return done / passed


def percentile(values: list[float], share: float) -> float:
    """The value at this share of the sorted values."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]
