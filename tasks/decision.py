"""The rules that decide whether an evaluated model is approved: pure functions."""

import math
from collections import defaultdict
from collections.abc import Mapping
from typing import Protocol

from config.candidates import ERRORS, Evaluation, Metric
from config.fairness import FairnessBound
from tasks.references import Estimate


def less_is_better(metric: Metric) -> bool:
    """Whether a lower value of the metric is better."""
    return metric in ERRORS


def gain(metric: Metric, value: float, other: float) -> float:
    """Return by how much `value` is better than `other`; negative when it is worse."""
    return other - value if less_is_better(metric) else value - other


class Figures(Protocol):
    """The metrics of an evaluated model, of the naive prediction, and of the champion if it was compared with one."""

    @property
    def metrics(self) -> Mapping[str, float]: ...

    @property
    def baseline(self) -> Mapping[str, float]: ...

    @property
    def champion(self) -> Mapping[str, float] | None: ...

    @property
    def fairness(self) -> Mapping[str, Mapping[str, Estimate]]: ...


def objections(rules: Evaluation, evaluation: Figures) -> list[str]:
    """Return the reasons against approving the evaluated model; empty for a model that is good enough.

    A good model passes every gate, and its primary metric on the held-out rows is better than the naive prediction's,
    and better than the champion's by more than `improvement`. Its figures between groups are within the bounds.
    """
    metrics = defaultdict(lambda: math.nan, evaluation.metrics)  # the rules may have changed since the evaluation
    against = [
        f"{gate}: found {metrics[gate.metric]:.4f}" for gate in rules.gates if not gate.passes(metrics[gate.metric])
    ]
    value, naive = metrics[rules.primary], evaluation.baseline.get(rules.primary, math.nan)
    if not gain(rules.primary, value, naive) > 0:  # NaN is no gain
        against.append(f"{rules.primary} better than the naive prediction's {naive:.4f}: found {value:.4f}")
    if evaluation.champion:
        against += _against_the_champion(rules, value, evaluation.champion.get(rules.primary, math.nan))
    return against + _unfair(rules, evaluation.fairness)


def _unfair(rules: Evaluation, found: Mapping[str, Mapping[str, Estimate]]) -> list[str]:
    """Return the bounds between groups that are exceeded, or that cannot be judged on these rows."""
    if rules.fairness is None:
        return []
    pairs = [
        (bound, column)
        for bound in rules.fairness.bounds
        for column in ([bound.column] if bound.column else rules.fairness.columns)
    ]
    least = f"no two groups of {rules.fairness.minimum_rows:,} rows or more that have it"
    reasons = []
    for bound, column in pairs:
        estimate = found.get(column, {}).get(bound.metric)
        if estimate is None or not bound.passes(_bounded(bound, estimate)):
            reasons.append(f"{bound} between the groups of {column}: found {estimate or least}")
    return reasons


def _bounded(bound: FairnessBound, estimate: Estimate) -> float:
    """Return what is compared with the bound: the value, or the worse end of its interval."""
    if bound.by == "estimate":
        return estimate.value
    return estimate.high if bound.at_most is not None else estimate.low


def _against_the_champion(rules: Evaluation, value: float, champion: float) -> list[str]:
    if gain(rules.primary, value, champion) > rules.improvement:
        return []
    by = f" by more than {rules.improvement:g}" if rules.improvement else ""
    found = "the same" if value == champion else f"{value:.4f}"
    return [f"{rules.primary} better than the champion's {champion:.4f}{by}: found {found}"]
