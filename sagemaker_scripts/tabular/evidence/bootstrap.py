"""The metrics of the challenger and the champion on the same bootstrap resamples of the held-out rows."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tabular.evidence.judged import JudgedRows
from tabular.evidence.resamples import count_for, is_stratified, leave_one_out, resamples
from tabular.evidence.statistic import Statistic


@dataclass(frozen=True, eq=False)
class Distribution:
    """The metrics of m resamples of n rows."""

    level: float
    """The level of the intervals."""
    resamples: int
    stratified: bool
    challenger: dict[str, Statistic]
    """By the metric's name."""
    champion: dict[str, Statistic]
    """The champion's, on the same resamples; empty without one."""


@lru_cache(maxsize=1)
def distribution(judged: JudgedRows) -> Distribution | None:
    """Return the metrics of the resamples that the use case's `intervals` require; None without them."""
    wanted = judged.rules.get("intervals")
    if not wanted or not len(judged.truth):
        return None
    classes, rows = len(judged.contract.classes), len(judged.truth)
    count = count_for(rows, wanted["resamples"])
    models = [judged, *([judged.champion] if judged.champion else [])]
    metrics = [model.metrics.of for model in models]
    drawn = _of_each(metrics, resamples(judged.truth, classes, count))
    without = _of_each(metrics, leave_one_out(rows))
    found = [
        {name: Statistic(value, values[name], left_out.get(name)) for name, value in model.scores.items()}
        for model, values, left_out in zip(models, drawn, without, strict=True)
    ]
    return Distribution(
        level=wanted["level"],
        resamples=count,
        stratified=is_stratified(judged.truth, classes),
        challenger=found[0],
        champion=found[1] if judged.champion else {},
    )


def _of_each(
    metrics: Sequence[Callable[[np.ndarray], dict[str, np.ndarray]]], weightings: Iterable[np.ndarray]
) -> list[dict[str, np.ndarray]]:
    """Return for each model the values of all weightings by metric."""
    parts: list[list[dict[str, np.ndarray]]] = [[] for _ in metrics]
    for weights in weightings:
        for part, of in zip(parts, metrics, strict=True):
            part.append(of(weights))
    return [{name: np.concatenate([each[name] for each in part]) for name in (part or [{}])[0]} for part in parts]
