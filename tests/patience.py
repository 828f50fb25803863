"""How long a test waits for what has to happen. It is decided here only; benchmarks measure what is fast."""

import os
import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = float(os.environ.get("VISHWAOPS_TEST_PATIENCE", "300"))
"""Seconds. A machine under load needs more than a quiet one; a test that passes never waits so long."""
POLL, LONGEST_POLL = 0.03, 0.2
"""Seconds between two looks. They grow with the wait: a look costs processor time that what is waited for needs."""

T = TypeVar("T")


def until(ask: Callable[[], T], good: Callable[[T], bool] = bool, seconds: float = PATIENCE) -> T:
    """Ask again and again until the answer is good, and return it. Fails when `seconds` have passed."""
    begun = time.monotonic()
    while not good(answer := ask()):
        waited = time.monotonic() - begun
        assert waited < seconds, f"still not after {seconds:g} s: {answer}"
        time.sleep(min(LONGEST_POLL, POLL + waited / 6))
    return answer
