"""Sums of statistics per group, for rows and for bootstrap resamples of them."""

from collections.abc import Iterator

import numpy as np

MOST_DRAWS = 50_000_000
"""The most drawn rows in all resamples, about a second. Many rows get fewer resamples, whose intervals suffice."""
FEWEST = 200
_CHUNK = 500_000
"""The most weights in memory at a time."""


def group_sums(statistics: np.ndarray, numbers: np.ndarray, groups: int) -> np.ndarray:
    """Return the (groups, statistics) sums of (n, statistics) rows, whose groups are the (n,) `numbers`."""
    found = np.zeros((groups, statistics.shape[1]))
    np.add.at(found, numbers, statistics)
    return found


def resampled_sums(statistics: np.ndarray, numbers: np.ndarray, groups: int, resamples: int, seed: int) -> np.ndarray:
    """Return the (resamples, groups, statistics) sums of resamples of n rows with replacement.

    They are fewer than `resamples` for many rows: MOST_DRAWS.
    """
    order = np.argsort(numbers, kind="stable")
    sorted_rows, ends = statistics[order], np.cumsum(np.bincount(numbers, minlength=groups))
    count = min(resamples, max(FEWEST, MOST_DRAWS // max(len(order), 1)))
    parts = [
        np.stack(
            [weights[:, begin:end] @ sorted_rows[begin:end] for begin, end in zip([0, *ends], ends, strict=False)], 1
        )
        for weights in _weights(len(order), count, np.random.default_rng(seed))
    ]
    return np.concatenate(parts)


def _weights(rows: int, resamples: int, random: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield (some, rows) arrays of how often each row is drawn, `resamples` in all."""
    step = max(1, _CHUNK // rows)
    for begin in range(0, resamples, step):
        some = min(step, resamples - begin)
        weights = np.empty((some, rows))
        for place in range(some):  # one at a time stays in the processor's cache
            weights[place] = np.bincount(random.integers(0, rows, rows, dtype="int32"), minlength=rows)
        yield weights
