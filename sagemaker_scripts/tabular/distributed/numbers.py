"""What a pipeline learns from a column of numbers: the median, the mean and the deviation, and XGBoost's cut points.

They are the same, to the last bit, for every division of the rows among ranks.
"""

import math
from dataclasses import dataclass

import numpy as np

from tabular.collective import Ranks, total
from tabular.compiled.steps import Scale
from tabular.distributed.exact_sums import exact_sum
from tabular.distributed.order import count_below, order_statistics
from tabular.features import CONSTANT, EMPTY


@dataclass(frozen=True)
class Moments:
    """The mean and the variance of n values, as scikit-learn's StandardScaler has them."""

    mean: float
    variance: float
    rows: int

    @property
    def scale(self) -> Scale:
        """How the values are standardised. Those of a constant column are not divided."""
        bound = self.rows * np.finfo(float).eps
        constant = self.variance <= bound * self.variance + (bound * self.mean) ** 2  # `_is_constant_feature`
        return Scale(self.mean, 1.0 if constant else math.sqrt(self.variance))


@dataclass(frozen=True)
class NumberSummary:
    """A column of numbers, in all rows of all ranks."""

    rows: int
    missing: int
    median: float
    """NaN where no row has a value."""
    moments: Moments
    """Of the column, with the median for missing values."""
    cuts: np.ndarray
    """The encoded values that begin a bin, as 32-bit floats: see `cut_points`."""
    unusable: str | None
    """EMPTY or CONSTANT, for a column without information."""

    @property
    def indicator(self) -> Moments | None:
        """The indicator of missing values; None where none is missing."""
        if not self.missing:
            return None
        share = self.missing / self.rows
        return Moments(share, share * (1 - share), self.rows)

    @property
    def indicator_cuts(self) -> np.ndarray:
        """The cut points of the indicator: both of its encoded values."""
        scale = self.indicator.scale if self.indicator else Scale(0.0, 1.0)
        values = [scale.of(0.0)] * (self.missing < self.rows) + [scale.of(1.0)]
        return np.array(values, "float32")


def summarize(ranks: Ranks, values: np.ndarray, bins: int) -> NumberSummary:
    """Summarise this rank's (n,) 64-bit floats, in which NaN is missing, with those of the others."""
    present = np.sort(values[~np.isnan(values)]) + 0.0  # no negative zero
    rows, known = total(ranks, len(values)), total(ranks, len(present))
    if not known:
        return NumberSummary(rows, rows, math.nan, Moments(0.0, 0.0, rows), np.empty(0, "float32"), EMPTY)
    places = np.array([0, (known - 1) // 2, known // 2, known - 1])
    lowest, *middle, highest = order_statistics(ranks, present, places).tolist()
    median = (middle[0] + middle[1]) / 2
    gaps = np.full(len(values) - len(present), median)
    filled = np.insert(present, np.searchsorted(present, median), gaps)
    moments = _moments(ranks, filled, rows)
    encoded = ((filled - moments.scale.mean) / moments.scale.scale).astype("float32") + np.float32(0)
    constant = CONSTANT if lowest == highest and known == rows else None
    return NumberSummary(rows, rows - known, median, moments, cut_points(ranks, encoded, bins), constant)


def _moments(ranks: Ranks, values: np.ndarray, rows: int) -> Moments:
    mean = float(exact_sum(ranks, values) / rows)
    return Moments(mean, float(exact_sum(ranks, (values - mean) ** 2) / rows), rows)


def cut_points(ranks: Ranks, values: np.ndarray, bins: int) -> np.ndarray:
    """Return the least value, the cut points and the largest value of all ranks' sorted (n,) 32-bit floats.

    They are all distinct values, or `bins` + 1 of them with about equally many rows between two: the quantiles that
    XGBoost chooses (its `WQSummary::SetPrune`), here without the error of its sketch.
    """
    distinct = np.unique(values)
    parts = ranks.gather(distinct if len(distinct) <= bins + 1 else None)
    if all(part is not None for part in parts):
        every = np.unique(np.concatenate(parts))
        if len(every) <= bins + 1:
            return every
    rows = total(ranks, len(values))
    lowest, highest = order_statistics(ranks, values, np.array([0, rows - 1]))
    first, last = count_below(ranks, values, lowest, "right"), count_below(ranks, values, highest)
    places = first + np.arange(1, bins, dtype="int64") * (last - first) // bins
    between = order_statistics(ranks, values, places)
    return np.unique(np.concatenate([[lowest], between, [highest]]).astype("float32"))
