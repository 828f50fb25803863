"""The time, as something that a test can turn."""

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


class SetClock:
    """A clock that stands still until it is turned."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self._now = now

    def now(self) -> float:
        return self._now

    def turn(self, seconds: float) -> None:
        """Moves the clock on by so many seconds."""
        self._now += seconds


@dataclass(frozen=True)
class Pace:
    """How much faster than on AWS the waiting times of a deployment pass here."""

    time_scale: float = 1.0
    """60 makes one minute of waiting last a second. What really takes time, such as a container's start, stays so."""

    def real(self, seconds: float) -> float:
        """The seconds that pass here for so many on AWS."""
        return seconds / self.time_scale
