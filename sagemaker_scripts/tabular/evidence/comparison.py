"""The challenger against the champion: a paired bootstrap of the difference of the primary metric."""

from typing import Any

from tabular.evidence.bootstrap import distribution
from tabular.evidence.judged import JudgedRows
from tabular.metrics import LOWER_IS_BETTER


def evidence(judged: JudgedRows) -> dict[str, Any] | None:
    """Return by how much the challenger is better, with the difference's interval and the confidence that it is.

    Both models are scored on the same resamples, so what is hard for both cancels out. `confidence_better` is the share
    of the resamples in which the challenger is better by more than `improvement`. None without a champion, without
    `intervals`, and where the metric is undefined in a resample.
    """
    found, name = distribution(judged), judged.contract.primary
    if found is None or not found.champion:
        return None
    better = found.challenger[name].better_than(found.champion[name], -1 if name in LOWER_IS_BETTER else 1)
    if (interval := better.interval(found.level)) is None:
        return None
    improvement = float(judged.rules.get("improvement", 0.0))
    return {
        "metric": name,
        "difference": better.value,
        "low": interval[0],
        "high": interval[1],
        "level": found.level,
        "resamples": found.resamples,
        "improvement": improvement,
        "confidence_better": float((better.resampled > improvement).mean()),
    }
