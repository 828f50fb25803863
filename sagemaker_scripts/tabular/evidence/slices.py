"""Finds the slices of rows on which a model is worst: groups of one column, or of two.

After Chung et al. 2019, "Slice Finder". `slice_search` finds those with an effect. The p-value of a listed one is at
most SIGNIFICANCE after it is multiplied by the number of slices tried (Bonferroni). The intervals are simultaneous:
their level holds for all slices tried together.
"""

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np

from tabular.evidence.groups import Groups
from tabular.evidence.judged import JudgedRows
from tabular.evidence.sampled_rows import sampled
from tabular.evidence.shares import share_interval
from tabular.evidence.slice_columns import sliced_columns
from tabular.evidence.slice_search import Slice, candidates

MOST_ROWS = 100_000
"""More rows are sampled."""
SIGNIFICANCE, LEVEL = 0.05, 0.95
LISTED = 5
OVERLAP = 0.5
"""The most rows that a listed slice shares with one before it, of all rows of both."""


def evidence(judged: JudgedRows) -> dict[str, Any] | None:
    """Return the worst slices with their metric, rows and intervals; None for rows without a column to slice by."""
    rows = sampled(len(judged.truth), MOST_ROWS)
    named = list(sliced_columns(judged, rows))
    if not named:
        return None
    names, groups = [name for name, _ in named], [found for _, found in named]
    losses, of_classes = _losses(judged, rows), judged.contract.task != "regression"
    found = list(candidates(groups, losses, of_classes))
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
                "p": each.p * tried,
            }
            for each in worst
        ],
    }


def _losses(judged: JudgedRows, rows: np.ndarray) -> np.ndarray:
    """Return the (n,) errors: 0 or 1 for classes, else absolute."""
    if judged.contract.task == "regression":
        return np.asarray(np.abs(judged.output[rows] - judged.truth[rows]))
    return np.asarray(judged.decided[rows] != judged.truth[rows], dtype="float64")


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
