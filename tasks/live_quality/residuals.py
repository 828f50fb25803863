"""Estimated errors of a regression before the true values are known, from the residuals of the held-out rows.

The residuals of held-out rows are those that split conformal prediction takes its quantile of. Here they are divided by
the difficulty of their prediction and binned by it, as in normalized conformal prediction (Papadopoulos et al. 2011).
The difficulty is the mean absolute residual of held-out rows with about that prediction. So a span with more of the
predictions that are hard has larger expected errors. A row's true value is its prediction plus a normalized residual
of its bin times its difficulty. The interval has the metrics of values drawn so, each time with other held-out rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np

from tabular.metrics import score
from tasks.live_quality.figures import Estimated, with_intervals

DRAWS = 200
MOST_BINS, ROWS_IN_BIN = 20, 25
LEAST_DIFFICULTY = 0.05
"""The least difficulty, as a share of the mean one."""
RELATIVE = "mape"
"""Estimated from relative errors of the held-out rows: a drawn true value may come close to 0."""


@dataclass(frozen=True, eq=False)
class Residuals:
    """The held-out rows of a regression, in bins of about equally many rows by prediction."""

    borders: np.ndarray
    """(bins - 1,) ascending predictions."""
    centres: np.ndarray
    """(bins,) the mean predictions."""
    sizes: np.ndarray
    """(bins,) the mean absolute residuals, in the target's unit."""
    normalized: tuple[np.ndarray, ...]
    """By bin, the true value minus the prediction, by the difficulty."""
    relative: tuple[np.ndarray, ...]
    """By bin, |error| / |true value|; NaN where a true value is 0."""
    ends: tuple[float, float]
    """The least and the greatest prediction."""

    @classmethod
    def of(cls, truth: np.ndarray, predicted: np.ndarray) -> Self:
        """Bin n held-out rows by their (n,) predictions."""
        borders, bins = _binned(predicted)
        errors, rows = truth - predicted, np.bincount(bins)
        with np.errstate(divide="ignore", invalid="ignore"):
            relative = np.where(truth == 0, np.nan, np.abs(errors) / np.abs(truth))
        centres, sizes = np.bincount(bins, predicted) / rows, np.bincount(bins, np.abs(errors)) / rows
        ends = float(predicted.min()), float(predicted.max())
        normalized = errors / _difficulty(predicted, centres, sizes, ends)
        members = [bins == place for place in range(len(rows))]
        by_bin = [tuple(values[mask] for mask in members) for values in (normalized, relative)]
        return cls(borders, centres, sizes, by_bin[0], by_bin[1], ends)

    def difficulty(self, predicted: np.ndarray) -> np.ndarray:
        """Return the (n,) expected absolute residuals of (n,) predictions, above 0."""
        return _difficulty(predicted, self.centres, self.sizes, self.ends)

    def bins_of(self, predicted: np.ndarray) -> np.ndarray:
        """Return the (n,) bins of (n,) predictions. One beyond the held-out ones is in the outermost bin."""
        return np.searchsorted(self.borders, predicted, side="left")


def _binned(predicted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the borders between the bins of n predictions, and the (n,) numbers of the bins: each has a row."""
    count = max(1, min(MOST_BINS, len(predicted) // ROWS_IN_BIN))
    borders = np.unique(np.quantile(predicted, np.linspace(0, 1, count + 1)[1:-1]))
    used, bins = np.unique(np.searchsorted(borders, predicted, side="left"), return_inverse=True)
    return borders[used[1:] - 1], bins


def _difficulty(predicted: np.ndarray, centres: np.ndarray, sizes: np.ndarray, ends: tuple[float, float]) -> np.ndarray:
    """Interpolate between the bins, and continue the outermost lines as far as there are held-out predictions."""
    values = np.clip(predicted, *ends)
    found = np.interp(values, centres, sizes)
    if len(centres) > 1:
        for near, next_to, beyond in ((0, 1, values < centres[0]), (-1, -2, values > centres[-1])):
            slope = (sizes[near] - sizes[next_to]) / (centres[near] - centres[next_to])
            found = np.where(beyond, sizes[near] + slope * (values - centres[near]), found)
    least = max(float(sizes.min()) / 2, LEAST_DIFFICULTY * float(sizes.mean())) or 1.0
    return np.asarray(np.maximum(found, least))


def estimates(
    predicted: np.ndarray, held_out: Residuals, level: float = 0.95, draws: int = DRAWS
) -> dict[str, Estimated]:
    """Return the expected metrics of n rows by name, each with its interval, given their (n,) predictions.

    A metric that is undefined on the held-out rows, as mape with a true value of 0, is left out.
    """
    bins, difficulty = held_out.bins_of(predicted), held_out.difficulty(predicted)
    drawn = list(_drawn(predicted, bins, difficulty, held_out, draws))
    found = {name: np.array([each[name] for each in drawn]) for name in drawn[0]}
    return with_intervals(_expected(predicted, bins, difficulty, held_out), found, level)


def _expected(predicted: np.ndarray, bins: np.ndarray, difficulty: np.ndarray, held_out: Residuals) -> dict[str, float]:
    """Sum the moments over the rows: a row's residual is each of its bin's, equally often."""
    mean = np.array([each.mean() for each in held_out.normalized])[bins] * difficulty
    square = np.array([np.square(each).mean() for each in held_out.normalized])[bins] * difficulty**2
    size = np.array([np.abs(each).mean() for each in held_out.normalized])[bins] * difficulty
    relative = np.array([each.mean() for each in held_out.relative])[bins]
    truth, rows = predicted + mean, len(predicted)
    variation = np.square(truth - truth.mean()).sum() + (square - mean**2).sum() * (1 - 1 / rows)
    sizes = _mean_size(predicted, bins, difficulty, held_out)
    return {
        "rmse": float(np.sqrt(square.mean())),
        "mae": float(size.mean()),
        "r2": float(1 - square.sum() / variation) if variation > 0 and rows > 1 else np.nan,
        RELATIVE: float(relative.mean()),
        "wape": float(size.mean() / sizes) if sizes else np.nan,
    }


def _mean_size(predicted: np.ndarray, bins: np.ndarray, difficulty: np.ndarray, held_out: Residuals) -> float:
    """The mean of |true value| over the rows and the residuals of their bins, by sorted sums: no pair is made."""
    total = 0.0
    for place, residuals in enumerate(held_out.normalized):
        rows, ordered = bins == place, np.sort(residuals)
        sums, count = np.concatenate([[0.0], np.cumsum(ordered)]), len(ordered)
        values = predicted[rows] / difficulty[rows]
        below = np.searchsorted(ordered, -values)  # the residuals that make the true value negative
        sizes = (values * (count - 2 * below) + sums[-1] - 2 * sums[below]) / count
        total += float((sizes * difficulty[rows]).sum())
    return total / len(predicted)


def _drawn(
    predicted: np.ndarray, bins: np.ndarray, difficulty: np.ndarray, held_out: Residuals, draws: int
) -> Iterator[dict[str, float]]:
    """Yield the metrics of drawn true values. Equal rows give equal draws."""
    random = np.random.default_rng(len(predicted))
    members = [np.flatnonzero(bins == place) for place in range(len(held_out.normalized))]
    for _ in range(draws):
        errors, relative = np.zeros(len(predicted)), np.zeros(len(predicted))
        for rows, normalized, shares in zip(members, held_out.normalized, held_out.relative, strict=True):
            resampled = random.integers(len(normalized), size=len(normalized))
            places = resampled[random.integers(len(normalized), size=len(rows))]
            errors[rows], relative[rows] = normalized[places], shares[places]
        found = score("regression", predicted + difficulty * errors, predicted)
        yield {**found, RELATIVE: float(relative.mean())}
