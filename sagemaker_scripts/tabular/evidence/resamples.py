"""Bootstrap resamples of rows as weights: how often each resample has each row (Efron 1979)."""

from collections.abc import Iterator

import numpy as np

SEED = 7
LEAST_OF_A_CLASS = 5
"""With fewer rows of a class than this, resamples keep the number of rows of each class. With this number,
one resample in e^5 = 148 lacks the class and is left out. Fixed numbers make intervals narrower than they should be."""
CELLS = 100_000_000
"""The most rows of all resamples together. Of more than 100,000 rows there are fewer resamples than 1,000, so that they
take seconds."""
LEAST = 200
"""The least number of resamples after this reduction."""
LEFT_OUT = 5_000
"""The most rows of which each is left out once."""
TOGETHER = 250_000
"""The number of cells of a matrix of weights: it stays in the processor's cache."""


def count_for(rows: int, wanted: int) -> int:
    """Return the number of resamples: `wanted`, or fewer where there are many rows."""
    return min(wanted, max(LEAST, CELLS // max(rows, 1)))


def is_stratified(truth: np.ndarray, classes: int) -> bool:
    """Whether the resamples keep the number of rows of each class. `truth` is (n,) class numbers of `classes`."""
    counts = np.bincount(truth, minlength=classes) if classes else np.array([], int)
    present = counts[counts > 0]
    return bool(len(present)) and bool(present.min() < LEAST_OF_A_CLASS)


def resamples(truth: np.ndarray, classes: int, count: int) -> Iterator[np.ndarray]:
    """Yield (m, n) weights until there are `count` resamples. The same rows give the same resamples.

    `truth` is (n,) class numbers of `classes`; `classes` is 0 for a regression.
    """
    random, rows = np.random.default_rng(SEED), len(truth)
    groups = [np.flatnonzero(truth == number) for number in range(classes)] if is_stratified(truth, classes) else []
    groups = [group for group in groups if len(group)] or [np.arange(rows)]
    most = max(1, TOGETHER // max(rows, 1))
    for first in range(0, count, most):
        here = min(most, count - first)
        weights = np.empty((here, rows), "uint8")
        for group in groups:
            weights[:, group] = _drawn(random, here, len(group))
        yield weights


def leave_one_out(rows: int) -> Iterator[np.ndarray]:
    """Yield (m, n) weights without each of n rows, in their order; nothing for too many rows."""
    if rows > LEFT_OUT:
        return
    most = max(1, TOGETHER // rows)
    for first in range(0, rows, most):
        here = np.arange(first, min(first + most, rows))
        weights = np.ones((len(here), rows), "uint8")
        weights[np.arange(len(here)), here] = 0
        yield weights


def _drawn(random: np.random.Generator, count: int, rows: int) -> np.ndarray:
    """Return (count, rows): how often each of `rows` rows is drawn in `rows` draws with replacement."""
    drawn = random.integers(0, rows, (count, rows), dtype="int32")
    drawn += np.arange(0, count * rows, rows, dtype="int32")[:, None]
    return np.bincount(drawn.ravel(), minlength=count * rows).reshape(count, rows)
