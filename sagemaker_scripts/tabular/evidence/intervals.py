"""The interval of each metric, by the bootstrap."""

from typing import Any

from tabular.evidence.bootstrap import distribution
from tabular.evidence.judged import JudgedRows


def evidence(judged: JudgedRows) -> dict[str, Any] | None:
    """Return the level, the number of resamples, and by metric the interval [low, high].

    The interval (`Statistic.interval`) has the values that other held-out rows of the same kind would give, not those
    of another training. A metric that is undefined in a resample has none. None without `intervals` in the use case.
    """
    found = distribution(judged)
    if found is None:
        return None
    intervals = {name: metric.interval(found.level) for name, metric in found.challenger.items()}
    return {
        "level": found.level,
        "resamples": found.resamples,
        "stratified": found.stratified,
        "metrics": {name: list(interval) for name, interval in intervals.items() if interval},
    }
