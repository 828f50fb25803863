"""Finds the slices of rows on which a model is worst: groups of one column, or of two.

After Chung et al. 2019, "Slice Finder". A slice has at least LEAST_ROWS rows and LEAST_SHARE of them, an effect of at
least LEAST_EFFECT, and a p-value of at most SIGNIFICANCE after it is multiplied by the number of slices tried
(Bonferroni). The intervals are simultaneous: their level holds for all slices tried together.

Classes are compared by their error rate: an exact binomial test, and Cohen's h. Numbers are compared by their absolute
errors: a test of rank sums, which a few large errors do not decide, and the difference of mean ranks in standard
deviations.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist
from typing import Any

import numpy as np

from tabular.evidence.groups import Groups
from tabular.evidence.judged import JudgedRows
from tabular.evidence.ranks import ranks_of
from tabular.evidence.sampled_rows import sampled
from tabular.evidence.shares import share_at_least, share_interval
from tabular.evidence.slice_columns import sliced_columns

MOST_ROWS = 100_000
"""More rows are sampled."""
LEAST_ROWS, LEAST_SHARE = 30, 0.01
LEAST_EFFECT = 0.2
"""A small effect in Cohen's terms."""
MORE_THAN_ONE = 0.1
"""By how much the effect of two columns exceeds that of each of them."""
SIGNIFICANCE, LEVEL = 0.05, 0.95
LISTED = 5
OVERLAP = 0.5
"""The most rows that a listed slice shares with one before it, of all rows of both."""


@dataclass(frozen=True)
class Slice:
    """One slice: the places of its columns, the number of its group in each, and its figures."""

    columns: tuple[int, ...]
    groups: tuple[int, ...]
    effect: float
    p: float


def evidence(judged: JudgedRows) -> dict[str, Any] | None:
    """Return the worst slices with their metric, rows and intervals; None for rows without a column to slice by."""
    rows = sampled(len(judged.truth), MOST_ROWS)
    named = list(sliced_columns(judged, rows))
    if not named:
        return None
    names, groups = [name for name, _ in named], [found for _, found in named]
    losses, of_classes = _losses(judged, rows), judged.contract.task != "regression"
    found = list(_candidates(groups, losses, of_classes))
    tried = sum(count for count, _ in found)
    worst = _worst(groups, [each for _, slices in found for each in slices if each.p * tried <= SIGNIFICANCE])
    return {
        "metric": "error_rate" if of_classes else "mae",
        "rows": len(rows),
        "overall": float(losses.mean()),
        "tried": tried,
        "significance": SIGNIFICANCE,
        "level": LEVEL,
        "slices": [
            {
                "slice": [
                    {"column": names[place], "group": groups[place].names[number]}
                    for place, number in zip(each.columns, each.groups, strict=True)
                ],
                **_figures(losses, _members(groups, each), of_classes, tried),
                "effect": each.effect,
                "p": min(each.p * tried, 1.0),
            }
            for each in worst
        ],
    }


def _losses(judged: JudgedRows, rows: np.ndarray) -> np.ndarray:
    """Return the (n,) errors: 0 or 1 for classes, else absolute."""
    if judged.contract.task == "regression":
        return np.asarray(np.abs(judged.output[rows] - judged.truth[rows]))
    return np.asarray(judged.decided[rows] != judged.truth[rows], dtype="float64")


def _candidates(groups: Sequence[Groups], losses: np.ndarray, of_classes: bool) -> Iterator[tuple[int, list[Slice]]]:
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


def _members(groups: Sequence[Groups], found: Slice) -> np.ndarray:
    masks = [groups[place].numbers == number for place, number in zip(found.columns, found.groups, strict=True)]
    return np.asarray(np.logical_and.reduce(masks))


def _worst(groups: Sequence[Groups], found: Sequence[Slice]) -> list[Slice]:
    """Return the slices with the largest effects, of fewer columns first, without those of mostly the same rows."""
    listed: list[Slice] = []
    masks: list[np.ndarray] = []
    for each in sorted(found, key=lambda one: (-one.effect, len(one.columns), one.columns, one.groups)):
        mask = _members(groups, each)
        if all((mask & other).sum() <= OVERLAP * (mask | other).sum() for other in masks):
            listed.append(each)
            masks.append(mask)
        if len(listed) == LISTED:
            break
    return listed


def _figures(losses: np.ndarray, members: np.ndarray, of_classes: bool, tried: int) -> dict[str, Any]:
    """Return the rows, the metric and its interval inside of a slice, and the metric of the other rows."""
    inside, level = losses[members], 1 - (1 - LEVEL) / tried
    if of_classes:
        low, high = share_interval(int(inside.sum()), len(inside), level)
    else:
        half = NormalDist().inv_cdf((1 + level) / 2) * inside.std(ddof=1) / np.sqrt(len(inside))
        low, high = max(float(inside.mean() - half), 0.0), float(inside.mean() + half)
    others = float(losses[~members].mean())
    return {"rows": len(inside), "value": float(inside.mean()), "low": low, "high": high, "others": others}
