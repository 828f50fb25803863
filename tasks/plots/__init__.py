"""Draws the plots of an evaluation as SVG."""

from collections.abc import Callable
from typing import Any

from tasks import storage
from tasks.plots import classes, columns, numbers, training
from tasks.references import ModelEvaluation

PLOTS = "plots.json"

DRAWN: dict[str, tuple[str, str | None, Callable[[dict[str, Any]], str]]] = {
    "confusion matrix": ("points", "confusion", classes.confusion),
    "ROC": ("points", "roc", classes.roc),
    "precision and recall": ("curves", None, classes.precision_recall),
    "calibration": ("calibration", None, classes.calibration),
    "gain": ("curves", None, classes.gain),
    "lift": ("curves", None, classes.lift),
    "predictions": ("points", "truth", numbers.predictions),
    "residuals": ("points", "truth", numbers.residuals),
    "learning curve": ("learning_curve", None, training.learning_curve),
    "permutation importance": ("importance", None, columns.importance),
    "SHAP values": ("shap", "columns", columns.shap),
}
"""The plots by name: the key of evaluation.json that they draw, and what it must have for them."""


def stored(evaluation: ModelEvaluation) -> dict[str, str]:
    """Return the SVG of each plot of an evaluation, by name. The first call draws them and stores them next to it."""
    uri = f"{evaluation.uri.rpartition('/')[0]}/{PLOTS}"
    try:
        return storage.get_json(uri)  # type: ignore[no-any-return]
    except FileNotFoundError:
        drawn = draw(storage.get_json(evaluation.uri))
        storage.put_json(uri, drawn)
        return drawn


def draw(evaluation: dict[str, Any]) -> dict[str, str]:
    """Return the SVG of each plot that evaluation.json has the data of, by name."""
    drawn = dict[str, str]()
    for name, (key, part, plot) in DRAWN.items():
        content = evaluation.get(key)
        if content and (part is None or content.get(part)):
            drawn[name] = plot(content)
    return drawn
