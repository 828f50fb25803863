"""The constraints of the model quality monitor (Amazon SageMaker Developer Guide, "Model quality metrics")."""

from collections.abc import Iterator, Mapping
from typing import Any

from config.bounds import Bound
from config.use_case import UseCase
from tasks.baselines.documents import MODEL_QUALITY, Document
from tasks.baselines.mapped import Mapped

METRICS = {
    **{name: name for name in ("accuracy", "precision", "recall", "f1", "mae", "rmse", "r2")},
    "auc": "roc_auc",
    "true_positive_rate": "recall",
    "mse": "rmse",
}
"""The metric of a gate that corresponds to Model Monitor's. The bound of `mse` is that of `rmse`, squared."""
TRACKED = "it is also measured by week, with intervals, when ground truth comes (vishwaops feedback)"


def model_quality_checks(use_case: UseCase, document: Document) -> Iterator[Mapped]:
    """Yield each bound of a constraints.json of the model quality monitor."""
    for section in MODEL_QUALITY:
        for name, bound in (document.get(section) or {}).items():
            yield _bound(use_case, section, name, bound)
    for name in sorted(document.keys() - {"version", *MODEL_QUALITY}):
        yield Mapped(name, "", "not mapped", note="the schema of AWS does not have this key")


def _bound(use_case: UseCase, section: str, name: str, bound: Mapping[str, Any]) -> Mapped:
    operator = str(bound.get("comparison_operator", ""))
    check, found = f"{name} in {section}", f"{bound.get('threshold')} ({operator or 'no comparison_operator'})"
    known: dict[str, Bound] = {each.metric: each for each in use_case.evaluation.gates}
    metric = METRICS.get(name)
    try:
        threshold = float(bound["threshold"])
    except (KeyError, TypeError, ValueError):
        return Mapped(check, found, "not mapped", note="expected a number as threshold")
    if metric is None or operator not in ("LessThanThreshold", "GreaterThanThreshold"):
        note = "no gate has this metric" if metric is None else "expected LessThanThreshold or GreaterThanThreshold"
        return Mapped(check, found, "not mapped", note=note)
    value = threshold**0.5 if name == "mse" else threshold
    side = "at_least" if operator == "LessThanThreshold" else "at_most"
    key = f"evaluation.gates: {{metric: {metric}, {side}: {value:.6g}}}"
    gate = known.get(metric)
    if gate is None:
        return Mapped(check, found, "to add", key, TRACKED)
    if _as_strict(gate, side, value):
        return Mapped(check, found, "has it", key, TRACKED)
    return Mapped(check, found, "differs", key, f"the use case has {gate}")


def _as_strict(gate: Bound, side: str, value: float) -> bool:
    own = getattr(gate, side)
    if own is None:
        return False
    return bool(own >= value if side == "at_least" else own <= value)
