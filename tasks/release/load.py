"""A short load on an endpoint: requests of one row over several connections at the same time."""

import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle, islice

from config.errors import VishwaOpsError


@dataclass(frozen=True)
class Load:
    """The answers to n requests."""

    seconds: tuple[float, ...]
    """The duration of each answered request."""
    failures: tuple[str, ...]
    """The error of each other request."""

    def percentile(self, share: float) -> float:
        """The duration in seconds that this share of the answers does not exceed; NaN without answers."""
        ordered = sorted(self.seconds)
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


def run_load(ask: Callable[[bytes], bytes], bodies: Sequence[bytes], requests: int, connections: int) -> Load:
    """Send this number of requests, the bodies in turn. A request that fails is counted, and raises nothing."""
    with ThreadPoolExecutor(connections) as pool:
        found = list(pool.map(lambda body: _timed(ask, body), islice(cycle(bodies), requests)))
    return Load(
        tuple(each for each in found if isinstance(each, float)), tuple(each for each in found if isinstance(each, str))
    )


def _timed(ask: Callable[[bytes], bytes], body: bytes) -> float | str:
    begun = time.perf_counter()
    try:
        ask(body)
    except VishwaOpsError as error:
        return str(error)
    return time.perf_counter() - begun
