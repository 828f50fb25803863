"""An analysis, or the constraints, of Clarify (Amazon SageMaker Developer Guide, "Analysis Results")."""

from collections.abc import Iterator, Mapping
from typing import Any

from config.use_case import UseCase
from tasks.baselines.documents import Document
from tasks.baselines.mapped import Mapped

BOUNDED = {
    "DPPL": "selection_rate_difference",
    "DI": "selection_rate_ratio",
    "RD": "true_positive_rate_difference",
    "SD": "false_positive_rate_difference",
    "AD": "accuracy_difference",
}
"""The metric between groups that corresponds to Clarify's. The specificity is one less the false positive rate."""
DATA_ONLY = (
    "a metric of the data before training; `data show` and the report of `validate` have the shares of each value"
)
NO_METRIC = "the project has no such metric between groups; equalized_odds_difference is the nearest"
SECTIONS = {"version", "pre_training_bias_metrics", "post_training_bias_metrics", "explanations"}
LEAST_NDCG = 0.9
"""Below it Clarify reports a drift of attribution."""


def clarify_checks(use_case: UseCase, document: Document) -> Iterator[Mapped]:
    """Yield each metric of an analysis.json: a bound of bias is the distance from equality that the baseline had."""
    for facet, part, metric in _metrics(document.get("pre_training_bias_metrics")):
        yield Mapped(_named(facet, part, metric), _value(metric), "not mapped", note=DATA_ONLY)
    for facet, part, metric in _metrics(document.get("post_training_bias_metrics")):
        yield _bias(use_case, facet, part, metric)
    yield from _explanations(use_case, document.get("explanations") or {})
    for name in sorted(document.keys() - SECTIONS):
        yield Mapped(name, "", "not mapped", note="the schema of AWS does not have this key")


def _metrics(section: Any) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    """Yield each facet, its part and its metric."""
    for facet, parts in ((section or {}).get("facets") or {}).items():
        for part in parts:
            for metric in part.get("metrics", ()):
                yield facet, part, metric


def _named(facet: str, part: Mapping[str, Any], metric: Mapping[str, Any]) -> str:
    return f"{metric.get('name')} of {facet}={part.get('value_or_threshold')}"


def _value(metric: Mapping[str, Any]) -> str:
    value = metric.get("value")
    return f"{value:.4g}" if isinstance(value, int | float) else str(metric.get("error", value))


def _bias(use_case: UseCase, facet: str, part: Mapping[str, Any], metric: Mapping[str, Any]) -> Mapped:
    check, found = _named(facet, part, metric), _value(metric)
    name, value = BOUNDED.get(str(metric.get("name"))), metric.get("value")
    if name is None or use_case.target.classes is None:
        return Mapped(check, found, "not mapped", note=NO_METRIC)
    if not isinstance(value, int | float):
        return Mapped(check, found, "not mapped", note="the baseline has no value of it")
    side, bound = _bound(name, float(value))
    key = f"evaluation.fairness: {{columns: [{facet}], bounds: [{{metric: {name}, {side}: {bound:.4g}}}]}}"
    if facet not in use_case.columns:
        return Mapped(check, found, "not mapped", key, "the use case has no column of this name")
    rules = use_case.evaluation.fairness
    if rules is None or facet not in rules.columns:
        return Mapped(check, found, "to add", key)
    own = [each for each in rules.bounds if each.metric == name and each.column in (None, facet)]
    if not own:
        return Mapped(check, found, "to add", key, "the figure is measured already, without a bound")
    strict = any(_as_strict(getattr(each, side), side, bound) for each in own)
    return Mapped(check, found, "has it" if strict else "differs", key, "" if strict else f"the use case has {own[0]}")


def _bound(name: str, value: float) -> tuple[str, float]:
    """The side and the value of the bound: a difference from 0, or a ratio from 1, no larger than the baseline's."""
    if name.endswith("_ratio"):
        return "at_least", min(abs(value), 1 / abs(value)) if value else 0.0
    return "at_most", abs(value)


def _as_strict(own: float | None, side: str, bound: float) -> bool:
    if own is None:
        return False
    return own >= bound if side == "at_least" else own <= bound


def _explanations(use_case: UseCase, explanations: Mapping[str, Any]) -> Iterator[Mapped]:
    for method, labels in explanations.items():
        for label, found in labels.items() if method == "kernel_shap" and isinstance(labels, Mapping) else ():
            values = found.get("global_shap_values") or {}
            yield Mapped(
                f"nDCG of global_shap_values of {label}",
                f"{len(values)} features, at least {LEAST_NDCG:g}",
                "always",
                note="attribution_ndcg: the SHAP values of the live rows against those of the held-out rows",
            )
            for name in sorted(set(values) - {*use_case.inputs}):
                yield Mapped(
                    f"global_shap_values of {name}", shown_value(values[name]), "not mapped", note="no feature"
                )
        if method != "kernel_shap":
            yield Mapped(method, "", "not mapped", note="only SHAP values are tracked")


def shown_value(value: Any) -> str:
    """A SHAP value as text."""
    return f"{value:.4g}" if isinstance(value, int | float) else str(value)[:40]
