"""The time, behind an interface that a test can replace, and the scale of waiting times."""

import time
from dataclasses import dataclass
from typing import Protocol


class Clock(Protocol):
    def now(self) -> float:
        """Seconds since 1970, UTC."""
        ...


class SystemClock:
    def now(self) -> float:
        return round(time.time(), 3)


@dataclass(frozen=True)
class Pace:
    """How much faster than on AWS waiting times pass: those of a deployment, and the grace of a job that is stopped."""

    time_scale: float = 1.0
    """60 makes one minute of waiting last a second. Real work, such as a container's start, takes its real time."""

    def real(self, seconds: float) -> float:
        """The seconds to wait here in place of `seconds` on AWS."""
        return seconds / self.time_scale
