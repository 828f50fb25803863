"""A figure of n rows with the values that it has on resamples of them, and its interval."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

NORMAL = NormalDist()
UNDEFINED = 0.01
"""The most resamples, as a share, that may lack a class and are left out."""


@dataclass(frozen=True, eq=False)
class Statistic:
    """A figure, and its values on m bootstrap resamples."""

    value: float
    resampled: np.ndarray
    """(m,) values of the resamples; NaN where it is undefined."""
    left_out: np.ndarray | None = None
    """(n,) values without each of the rows; None where there are too many rows."""

    def better_than(self, other: "Statistic", sign: int) -> "Statistic":
        """Return by how much it is better than another on the same resamples. `sign` is -1 where lower is better."""
        left_out = None if self.left_out is None or other.left_out is None else sign * (self.left_out - other.left_out)
        return Statistic(sign * (self.value - other.value), sign * (self.resampled - other.resampled), left_out)

    def interval(self, level: float) -> tuple[float, float] | None:
        """Return the interval of a level; None where the figure, or more than UNDEFINED of the resamples, has no value.

        With `left_out` it is bias-corrected and accelerated (BCa; Efron 1987, "Better Bootstrap Confidence Intervals"),
        which covers better near a bound and with few rows of a class, else the percentile interval, which it tends to
        with more rows.
        """
        known = self.resampled[np.isfinite(self.resampled)]
        if not np.isfinite(self.value) or len(known) < (1 - UNDEFINED) * len(self.resampled):
            return None
        levels = ((1 - level) / 2, (1 + level) / 2)
        if self.left_out is not None and np.isfinite(self.left_out).all():
            levels = self._corrected(known, self.left_out, *levels)
        low, high = np.quantile(known, levels)
        return float(low), float(high)

    def _corrected(self, known: np.ndarray, left_out: np.ndarray, low: float, high: float) -> tuple[float, float]:
        """Return the levels, corrected for the bias and the changing variance of the figure."""
        below = ((known < self.value).mean() + (known <= self.value).mean()) / 2
        least = 1 / (len(known) + 1)
        bias = NORMAL.inv_cdf(float(np.clip(below, least, 1 - least)))
        influence = _scaled(left_out.mean() - left_out)
        squares = float((influence**2).sum())
        acceleration = float((influence**3).sum()) / (6 * squares**1.5) if squares > 0 else 0.0

        def corrected(share: float) -> float:
            moved = bias + NORMAL.inv_cdf(share)
            return NORMAL.cdf(bias + moved / max(1 - acceleration * moved, least))

        return corrected(low), corrected(high)


def _scaled(influence: np.ndarray) -> np.ndarray:
    """Return (n,) influences as shares of the largest one, of which no power is too large for a float."""
    largest = np.abs(influence).max()
    return influence / largest if 0 < largest < np.inf else np.zeros(len(influence))
