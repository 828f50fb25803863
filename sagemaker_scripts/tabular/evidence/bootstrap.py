"""The metrics of the challenger and the champion on the same bootstrap resamples of the held-out rows."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tabular.evidence.judged import JudgedRows
from tabular.evidence.resamples import count_for, is_stratified, resamples


@dataclass(frozen=True, eq=False)
class Distribution:
    """The metrics of m resamples."""

    level: float
    """The level of the intervals."""
    resamples: int
    stratified: bool
    challenger: dict[str, np.ndarray]
    """(m,) values by the metric's name; NaN where it is undefined."""
    champion: dict[str, np.ndarray]
    """The champion's, pair by pair; empty without one."""

    def interval(self, values: np.ndarray) -> tuple[float, float] | None:
        """Return the percentile interval of (m,) values, or None where one of them is undefined."""
        if not np.isfinite(values).all():
            return None
        low, high = np.quantile(values, [(1 - self.level) / 2, (1 + self.level) / 2])
        return float(low), float(high)


@lru_cache(maxsize=1)
def distribution(judged: JudgedRows) -> Distribution | None:
    """Return the metrics of the resamples that the use case's `intervals` ask for; None without them."""
    wanted = judged.rules.get("intervals")
    if not wanted or not len(judged.truth):
        return None
    classes = len(judged.contract.classes)
    count = count_for(len(judged.truth), wanted["resamples"])
    answers = [judged.metrics, *([judged.champion.metrics] if judged.champion else [])]
    parts: list[list[dict[str, np.ndarray]]] = [[] for _ in answers]
    for weights in resamples(judged.truth, classes, count):
        for part, metrics in zip(parts, answers, strict=True):
            part.append(metrics.of(weights))
    joined = [{name: np.concatenate([each[name] for each in part]) for name in part[0]} for part in parts]
    return Distribution(
        level=wanted["level"],
        resamples=count,
        stratified=is_stratified(judged.truth, classes),
        challenger=joined[0],
        champion=joined[1] if len(joined) > 1 else {},
    )
