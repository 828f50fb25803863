"""The kinds of evidence of an evaluation, by their key in evaluation.json.

A kind is a module of this package with a function `evidence(judged)`, which returns JSON values, or None where the kind
does not apply to the model or the use case. A module is imported when its evidence is computed.
"""

from importlib import import_module
from typing import Any

from tabular.evidence.judged import JudgedRows

KINDS = (
    "intervals",
    "comparison",
    "calibration",
    "curves",
    "importance",
    "shap",
    "latency",
    "alone",
    "answers",
    "fairness",
    "slices",
    "prediction_sets",
    "recommendation",
)
"""The modules of this package with a kind of evidence."""


def collect(judged: JudgedRows) -> dict[str, Any]:
    """Return the evidence of every kind that applies, by its key."""
    found = {name: import_module(f"{__name__}.{name}").evidence(judged) for name in KINDS}
    return {name: content for name, content in found.items() if content is not None}
