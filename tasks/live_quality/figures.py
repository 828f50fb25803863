"""A figure with its interval: what the estimators of this folder return."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

LEAST_DEFINED = 0.9
"""The least share of draws in which a metric is defined, for an interval."""


@dataclass(frozen=True)
class Estimated:
    """A metric's expected value, and the interval that its measured value is expected in."""

    value: float
    low: float | None
    high: float | None

    def covers(self, measured: float) -> bool:
        """Whether a measured value is within the interval."""
        return self.low is not None and self.high is not None and self.low <= measured <= self.high


def with_intervals(
    expected: Mapping[str, float], draws: Mapping[str, np.ndarray], level: float
) -> dict[str, Estimated]:
    """Return the metrics whose expected value is finite, each with the percentile interval of its (m,) draws."""
    return {
        name: Estimated(value, *_interval(value, draws[name], level))
        for name, value in expected.items()
        if np.isfinite(value)
    }


def _interval(value: float, draws: np.ndarray, level: float) -> tuple[float | None, float | None]:
    """The interval includes the expected value: draws of few rows may all be at one side of it."""
    defined = draws[np.isfinite(draws)]
    if len(defined) < max(LEAST_DEFINED * len(draws), 2):
        return None, None
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(min(low, value)), float(max(high, value))
