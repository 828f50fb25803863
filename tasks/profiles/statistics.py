"""Statistics of two samples whose rows are counted in bins.

Without drift, the rows of both samples are one population: each way to divide the pooled rows into n and m is equally
likely. Bins that are chosen by the pooled rows alone keep that true. So each p-value here holds for any population.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

SMALLEST_SHARE = 1e-4
"""Replaces the share of an empty bin in a PSI, which needs its logarithm."""
LEAST_EXPECTED = 5
"""The least expected rows of a bin in either sample for a chi-square test (Cochran 1954)."""


@dataclass(frozen=True)
class Samples:
    """Rows of the reference (n) and scored rows (m), by bin: (bins,) each."""

    reference: np.ndarray
    scored: np.ndarray

    @cached_property
    def n(self) -> int:
        return int(self.reference.sum())

    @cached_property
    def m(self) -> int:
        return int(self.scored.sum())

    @cached_property
    def pooled(self) -> np.ndarray:
        return np.asarray(self.reference + self.scored)

    @property
    def expected(self) -> np.ndarray:
        """The expected rows of each bin in the smaller sample."""
        return self.pooled * (min(self.n, self.m) / max(self.n + self.m, 1))

    @cached_property
    def shares(self) -> tuple[np.ndarray, np.ndarray]:
        return self.reference / max(self.n, 1), self.scored / max(self.m, 1)

    def joined(self, bins: np.ndarray) -> "Samples":
        """Return the samples in larger bins: `bins` has the number of the larger bin of each bin."""
        size = int(bins.max()) + 1 if len(bins) else 0
        return Samples(*(np.bincount(bins, part, size).astype(np.int64) for part in (self.reference, self.scored)))


def psi(samples: Samples) -> float:
    """Return the population stability index: Σ (scored − reference) · ln(scored / reference) over the shares.

    Half a row is added to each bin (Jeffreys), and no share is below SMALLEST_SHARE, so empty bins have a logarithm.
    """
    bins = len(samples.reference)
    before, after = (
        np.maximum((part + 0.5) / (part.sum() + 0.5 * bins), SMALLEST_SHARE)
        for part in (samples.reference, samples.scored)
    )
    return float(np.sum((after - before) * np.log(after / before)))


def psi_above_chance(samples: Samples) -> float:
    """Return the PSI less what samples of one population give on average, 0 at least.

    On average they give (1/n + 1/m) · (bins − 1) (Yurdakul and Naranjo 2020, Statistical properties of the population
    stability index).
    """
    chance = (len(samples.reference) - 1) * (1 / max(samples.n, 1) + 1 / max(samples.m, 1))
    return max(psi(samples) - chance, 0.0)


def hellinger(samples: Samples) -> float:
    """Return the Hellinger distance of the shares, from 0 to 1."""
    before, after = samples.shares
    return float(np.sqrt(np.sum((np.sqrt(after) - np.sqrt(before)) ** 2) / 2))


def kolmogorov_smirnov(samples: Samples) -> float:
    """Return the largest difference of the cumulative shares over ascending bins, from 0 to 1."""
    before, after = samples.shares
    return float(np.max(np.abs(np.cumsum(after - before)), initial=0.0))


def chi_square(samples: Samples) -> tuple[float, float]:
    """Return Pearson's chi-square of the table of 2 samples by bins, and its p-value. Each bin has rows.

    Of two bins, the p-value is exact: the chi-square distribution understates it where one bin has few rows.
    """
    from scipy.special import gammaincc  # scipy.stats takes a second to import

    degrees = len(samples.reference) - 1
    if degrees < 1:
        return 0.0, 1.0
    total = samples.n + samples.m
    expected = samples.pooled * (samples.n / total)
    statistic = float(np.sum((samples.reference - expected) ** 2 / expected) * total / samples.m)
    if degrees == 1:
        return statistic, two_tails(int(samples.scored[0]), int(samples.pooled[0]), samples.m, total)
    return statistic, float(gammaincc(degrees / 2, statistic / 2))


def upper_tail(found: int, pooled: int, m: int, total: int) -> float:
    """Return the probability that at least `found` of `pooled` rows are among the m scored rows of `total` rows.

    The hypergeometric distribution's upper tail, exact (Fisher). Terms beyond 40 standard deviations count nothing.
    """
    lowest, highest = max(found, 0, pooled - (total - m)), min(pooled, m)
    if found <= max(0, pooled - (total - m)):
        return 1.0
    taken = np.arange(lowest, min(highest, lowest + int(40 * _deviation(pooled, m, total))) + 1)
    return float(min(_terms(taken, pooled, m, total).sum(), 1.0))


def _deviation(pooled: Any, m: int, total: int) -> Any:
    return np.sqrt(pooled * (m / total) * (1 - m / total)) + 1


def _terms(taken: np.ndarray, pooled: np.ndarray | int, m: int, total: int) -> np.ndarray:
    """Return the probabilities that so many of `pooled` rows are among the m scored rows of `total` rows."""
    from scipy.special import gammaln

    def ways(all_: np.ndarray | int, some: np.ndarray | int) -> np.ndarray:
        return np.asarray(gammaln(np.asarray(all_) + 1) - gammaln(np.asarray(some) + 1) - gammaln(all_ - some + 1))

    return np.asarray(np.exp(ways(pooled, taken) + ways(total - pooled, m - taken) - ways(total, m)))


def _ratios(taken: np.ndarray, pooled: np.ndarray | int, m: int, total: int) -> np.ndarray:
    """Return the next term of each term, divided by it. It falls from term to term."""
    return np.asarray((pooled - taken) * (m - taken) / ((taken + 1.0) * (total - pooled - m + taken + 1.0)))


def least_upper_tail(found: np.ndarray, pooled: np.ndarray, m: int, total: int) -> tuple[float, np.ndarray]:
    """Return the smallest of n upper tails of counts above their mean, and the places that have it.

    Few of the tails are computed: each is at least the geometric series between its first term and one a standard
    deviation further.
    """
    first, steps = _terms(found, pooled, m, total), np.ceil(_deviation(pooled, m, total))
    ratio = np.clip(_ratios(found + steps, pooled, m, total), 0, 1 - 1e-9)
    least = first * (1 - ratio**steps) / (1 - ratio)
    smallest = np.inf
    places: list[int] = []
    for place in np.argsort(least, kind="stable").tolist():
        if least[place] > smallest * (1 + 1e-9):
            break
        taken = np.arange(found[place], min(pooled[place], m, found[place] + int(40 * steps[place])))
        ratios = _ratios(taken, int(pooled[place]), m, total)
        tail = min(float(first[place] * (1 + np.cumprod(ratios).sum())), 1.0)
        places = [place] if tail < smallest else [*places, place] if tail == smallest else places
        smallest = min(smallest, tail)
    return float(smallest), np.array(places, int)


def two_tails(found: int, pooled: int, m: int, total: int) -> float:
    """Return twice the smaller tail of `upper_tail`'s distribution, 1 at most."""
    lower = upper_tail(pooled - found, pooled, total - m, total)
    return min(1.0, 2 * min(upper_tail(found, pooled, m, total), lower))


def all_scored(pooled: np.ndarray, m: int, total: int) -> np.ndarray:
    """Return the probability that all rows of a value are among the m scored rows, by the value's `pooled` rows."""
    from scipy.special import gammaln

    possible = np.minimum(pooled, m)
    logarithm = gammaln(m + 1) - gammaln(m - possible + 1) - gammaln(total + 1) + gammaln(total - possible + 1)
    return np.where(pooled <= m, np.exp(logarithm), 0.0)


def rows_of_new_values(reference: np.ndarray, scored: np.ndarray) -> tuple[int, float, float]:
    """Return how many scored rows have a value that no reference row has, how many chance gives, and the p-value.

    A value of c pooled rows is new when all c are scored rows. The p-value is Chernoff's bound: the minimum over θ of
    exp(−θ x) · Π (1 − π + π e^(θ c)). It holds because these events are negatively associated (Joag-Dev and Proschan
    1983).
    """
    pooled, m, total = reference + scored, int(scored.sum()), int(reference.sum() + scored.sum())
    found = int(scored[reference == 0].sum())
    if not found or found == total:
        return found, float(found), 1.0
    rows, values = np.unique(pooled[pooled > 0], return_counts=True)
    chances = all_scored(rows, m, total)
    tilts = np.geomspace(1e-6, 100, 160)[:, None]
    with np.errstate(divide="ignore"):
        growth = np.logaddexp(np.log1p(-chances), np.log(chances) + tilts * rows) @ values
    exponent = float(np.min(growth - tilts[:, 0] * found))
    return found, float(np.sum(chances * rows * values)), float(np.exp(min(exponent, 0.0)))


def holm(p_values: np.ndarray) -> np.ndarray:
    """Return p-values corrected for their number (Holm 1979): at most α of the runs without drift have one below α."""
    order = np.argsort(p_values, kind="stable")
    steps = p_values[order] * np.arange(len(p_values), 0, -1)
    corrected = np.empty(len(p_values))
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return corrected
