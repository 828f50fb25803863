"""The rules that decide whether an evaluated model is approved: pure functions."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Protocol

from config.candidates import ERRORS, Evaluation, Limits
from config.fairness import FairnessBound
from tasks.references import ColumnAlone, Comparison, Estimate

MEGABYTE = 1_000_000
AGAIN = "run the stage evaluate again"


def less_is_better(metric: str) -> bool:
    """Whether a lower value of the metric is better."""
    return metric in ERRORS


def gain(metric: str, value: float, other: float) -> float:
    """Return by how much `value` is better than `other`; negative when it is worse."""
    return other - value if less_is_better(metric) else value - other


class Figures(Protocol):
    """The figures of an evaluated model, and the metrics of the naive prediction and the champion."""

    @property
    def metrics(self) -> Mapping[str, float]: ...

    @property
    def baseline(self) -> Mapping[str, float]: ...

    @property
    def champion(self) -> Mapping[str, float] | None: ...

    @property
    def comparison(self) -> Comparison | None: ...

    @property
    def latency_ms(self) -> float | None: ...

    @property
    def bytes(self) -> int | None: ...

    @property
    def alone(self) -> ColumnAlone | None: ...

    @property
    def fairness(self) -> Mapping[str, Mapping[str, Estimate]]: ...


def objections(rules: Evaluation, evaluation: Figures) -> list[str]:
    """Return the reasons against approving the evaluated model; empty for a model that is good enough.

    A good model passes every gate and limit. Its primary metric on the held-out rows is better than the naive
    prediction's, and better than the champion's by more than `improvement`, with `confidence` if there is one. Its
    figures between groups are within their bounds. No column predicts the target almost perfectly alone.
    """
    metrics = defaultdict(lambda: math.nan, evaluation.metrics)  # the rules may have changed since the evaluation
    against = [
        f"{gate}: found {metrics[gate.metric]:.4f}" for gate in rules.gates if not gate.passes(metrics[gate.metric])
    ]
    value, naive = metrics[rules.primary], evaluation.baseline.get(rules.primary, math.nan)
    if not gain(rules.primary, value, naive) > 0:  # NaN is no gain
        against.append(f"{rules.primary} better than the naive prediction's {naive:.4f}: found {value:.4f}")
    if evaluation.champion:
        worse = _against_the_champion(rules, value, evaluation.champion.get(rules.primary, math.nan))
        against += worse or _against_the_confidence(rules, evaluation.comparison)
    return [
        *against,
        *_against_the_limits(rules.limits, evaluation),
        *_against_unfairness(rules, evaluation.fairness),
        *_against_leaks(rules, evaluation.alone),
    ]


def _against_the_champion(rules: Evaluation, value: float, champion: float) -> list[str]:
    if gain(rules.primary, value, champion) > rules.improvement:
        return []
    found = "the same" if value == champion else f"{value:.4f}"
    return [f"{rules.primary} better than the champion's {champion:.4f}{_margin(rules)}: found {found}"]


def _margin(rules: Evaluation) -> str:
    return f" by more than {rules.improvement:g}" if rules.improvement else ""


def _against_the_confidence(rules: Evaluation, found: Comparison | None) -> list[str]:
    """Judge the paired bootstrap. One of another metric or margin than the rules have now says nothing."""
    if rules.confidence is None:
        return []
    wanted = f"{rules.primary} better than the champion's{_margin(rules)} with a confidence of {rules.confidence:.1%}"
    if found is None or (found.metric, found.improvement) != (rules.primary, rules.improvement):
        return [f"{wanted}: found no such comparison in the evaluation; {AGAIN}"]
    if found.confidence_better >= rules.confidence:
        return []
    return [
        f"{wanted}: found {found.confidence_better:.1%} of {found.resamples:,} paired resamples; the difference is "
        f"{found.difference:.4f}, from {found.low:.4f} to {found.high:.4f} at {found.level:.1%}"
    ]


def _against_the_limits(limits: Limits, evaluation: Figures) -> Iterator[str]:
    size = None if evaluation.bytes is None else evaluation.bytes / MEGABYTE
    for name, most, found, unit in (
        ("latency of one row", limits.latency_ms, evaluation.latency_ms, "ms"),
        ("size of model.tar.gz", limits.size_mb, size, "MB"),
    ):
        if most is not None and not (found is not None and found <= most):
            measured = f"no measurement in the evaluation; {AGAIN}" if found is None else f"{found:.4g} {unit}"
            yield f"{name} ≤ {most:g} {unit}: found {measured}"


def _against_unfairness(rules: Evaluation, found: Mapping[str, Mapping[str, Estimate]]) -> Iterator[str]:
    """Name the bounds between groups that are exceeded, or that cannot be judged on these rows."""
    if rules.fairness is None:
        return
    least = f"no two groups of {rules.fairness.minimum_rows:,} rows or more that have it"
    for bound in rules.fairness.bounds:
        for column in [bound.column] if bound.column else rules.fairness.columns:
            estimate = found.get(column, {}).get(bound.metric)
            if estimate is None or not bound.passes(_bounded(bound, estimate)):
                yield f"{bound} between the groups of {column}: found {estimate or least}"


def _bounded(bound: FairnessBound, estimate: Estimate) -> float:
    """Return what is compared with the bound: the value, or the worse end of its interval."""
    if bound.by == "estimate":
        return estimate.value
    return estimate.high if bound.at_most is not None else estimate.low


def _against_leaks(rules: Evaluation, alone: ColumnAlone | None) -> Iterator[str]:
    """Name the columns that predict the target alone: figures too good to be true are mostly leakage."""
    if rules.leakage is None or alone is None:
        return
    known = rules.leakage.expected
    found = {name: value for name, value in alone.columns.items() if value >= rules.leakage.alone and name not in known}
    if found:
        columns = ", ".join(f"{name} {value:.4f}" for name, value in found.items())
        yield (
            f"no column that predicts the target alone with {alone.metric} ≥ {rules.leakage.alone:g}: found {columns}. "
            "Move what is known only afterwards to known_only_afterwards, or name it in evaluation.leakage.expected"
        )
