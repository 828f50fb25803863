"""How long a test waits for an expected event. Durations are measured by the benchmarks, not here."""

import os
import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = float(os.environ.get("VISHWAOPS_TEST_PATIENCE", "300"))
"""Seconds. It is long enough for a busy machine. A passing test normally waits much less."""
POLL, LONGEST_POLL = 0.03, 0.2
"""The polling interval in seconds. It grows with the wait, because polling also costs processor time."""

T = TypeVar("T")


def at_this_load(seconds: float) -> float:
    """The time that something takes now, if it takes `seconds` while there is a free processor."""
    return seconds * max(1.0, *(load / (os.cpu_count() or 1) for load in os.getloadavg()))


def until(ask: Callable[[], T], good: Callable[[T], bool] = bool, seconds: float = PATIENCE) -> T:
    """Call a function repeatedly until its result is good, and return it. Fails after `seconds`."""
    begun = time.monotonic()
    while not good(answer := ask()):
        waited = time.monotonic() - begun
        assert waited < seconds, f"still not after {seconds:g} s: {answer}"
        time.sleep(min(LONGEST_POLL, POLL + waited / 6))
    return answer
