"""Tests the slices of one column, and of two, for errors that are larger than those of the other rows.

A slice has at least LEAST_ROWS rows and LEAST_SHARE of them, and an effect of at least LEAST_EFFECT. Classes are
compared by their error rate: an exact binomial test, and Cohen's h. Numbers are compared by their absolute errors: a
test of rank sums, which a few large errors do not decide, and the difference of mean ranks in standard deviations.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from tabular.evidence.groups import Groups
from tabular.evidence.ranks import ranks_of
from tabular.evidence.shares import share_at_least

LEAST_ROWS, LEAST_SHARE = 30, 0.01
LEAST_EFFECT = 0.2
"""A small effect in Cohen's terms."""
MORE_THAN_ONE = 0.1
"""By how much the effect of two columns exceeds that of each of them."""


@dataclass(frozen=True)
class Slice:
    """One slice: the places of its columns, the number of its group in each, and its figures."""

    columns: tuple[int, ...]
    groups: tuple[int, ...]
    effect: float
    p: float


def candidates(groups: Sequence[Groups], losses: np.ndarray, of_classes: bool) -> Iterator[tuple[int, list[Slice]]]:
    """Yield for each column and each pair the number of slices that are large enough, and those with an effect."""
    scores = losses if of_classes else ranks_of(losses)
    single: dict[tuple[int, int], float] = {}
    for place, each in enumerate(groups):
        tried, found = _tested((place,), each.numbers, (len(each.names),), scores, of_classes)
        single |= {(place, one.groups[0]): one.effect for one in found}
        yield tried, found
    for first, second in combinations(range(len(groups)), 2):
        shape = len(groups[first].names), len(groups[second].names)
        numbers = groups[first].numbers * shape[1] + groups[second].numbers
        tried, found = _tested((first, second), numbers, shape, scores, of_classes)
        yield tried, [each for each in found if each.effect > _of_parts(single, each) + MORE_THAN_ONE]


def _of_parts(single: dict[tuple[int, int], float], pair: Slice) -> float:
    return max(single.get(part, 0.0) for part in zip(pair.columns, pair.groups, strict=True))


def _tested(
    columns: tuple[int, ...], numbers: np.ndarray, shape: tuple[int, ...], scores: np.ndarray, of_classes: bool
) -> tuple[int, list[Slice]]:
    """Return how many cells are large enough, and those of them that are worse by LEAST_EFFECT than the other rows."""
    cells, count = int(np.prod(shape)), len(scores)
    rows = np.bincount(numbers, minlength=cells)
    least = max(LEAST_ROWS, int(np.ceil(LEAST_SHARE * count)))
    places = np.flatnonzero((rows >= least) & (count - rows >= least))
    rows, sums = rows[places], np.bincount(numbers, scores, minlength=cells)[places]
    within, without = sums / rows, (scores.sum() - sums) / (count - rows)
    if of_classes:
        effect, p = _h(within) - _h(without), share_at_least(sums, rows, scores.mean())
    else:
        effect, p = _by_ranks(within - without, rows, scores)
    large = np.flatnonzero(effect >= LEAST_EFFECT)
    return len(places), [
        Slice(columns, tuple(map(int, np.unravel_index(places[each], shape))), float(effect[each]), float(p[each]))
        for each in large
    ]


def _h(share: np.ndarray) -> np.ndarray:
    return np.asarray(2 * np.arcsin(np.sqrt(np.clip(share, 0, 1))))


def _by_ranks(difference: np.ndarray, rows: np.ndarray, ranks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the effects and p-values of differences of mean ranks."""
    from scipy.special import ndtr

    deviation, count = ranks.std(ddof=1), len(ranks)
    effect = difference / deviation if deviation else np.zeros(len(rows))
    return effect, ndtr(-effect / np.sqrt(1 / rows + 1 / (count - rows)))
