"""Draws the plots of an evaluation as SVG: confusion matrix and ROC, or predictions and residuals."""

import io
from typing import TYPE_CHECKING, Any

from tasks import storage
from tasks.references import ModelEvaluation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PLOTS = "plots.json"
INK, MAIN, FAINT = "#1d2733", "#2f6db3", "#9aa7b4"


def stored(evaluation: ModelEvaluation) -> dict[str, str]:
    """Return the SVG of each plot of an evaluation, by name. The first call draws them and stores them next to it."""
    uri = f"{evaluation.uri.rpartition('/')[0]}/{PLOTS}"
    try:
        return storage.get_json(uri)  # type: ignore[no-any-return]
    except FileNotFoundError:
        drawn = draw(storage.get_json(evaluation.uri)["points"])
        storage.put_json(uri, drawn)
        return drawn


def draw(points: dict[str, Any]) -> dict[str, str]:
    """Return the SVG of each plot, by name, from the `points` of `evaluation.json`."""
    if "confusion" in points:
        return {"confusion matrix": _confusion(points), "ROC": _roc(points)}
    return {"predictions": _predictions(points), "residuals": _residuals(points)}


def _figure() -> "tuple[Figure, Axes]":
    from matplotlib.figure import Figure  # takes half a second to import

    figure = Figure(figsize=(4.4, 3.6), layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _svg(figure: "Figure") -> str:
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    return buffer.getvalue()[buffer.getvalue().index("<svg") :]


def _confusion(points: dict[str, Any]) -> str:
    figure, axes = _figure()
    classes, matrix = points["classes"], points["confusion"]
    axes.imshow(matrix, cmap="Blues")
    middle = max(max(row) for row in matrix) / 2
    for true, row in enumerate(matrix):
        for predicted, count in enumerate(row):
            colour = "white" if count > middle else INK
            axes.text(predicted, true, f"{count:,}", ha="center", va="center", color=colour)
    axes.set(xlabel="predicted", ylabel="true", xticks=range(len(classes)), yticks=range(len(classes)))
    axes.set_xticklabels(classes)
    axes.set_yticklabels(classes, rotation=90, va="center")
    return _svg(figure)


def _roc(points: dict[str, Any]) -> str:
    figure, axes = _figure()
    axes.plot([0, 1], [0, 1], color=FAINT, linestyle="--", linewidth=1)
    for name, curve in points["roc"].items():
        axes.plot(curve["fpr"], curve["tpr"], label=name, linewidth=1.8)
    axes.set(xlabel="false positive rate", ylabel="true positive rate", aspect="equal")
    axes.legend(frameon=False, loc="lower right")
    return _svg(figure)


def _predictions(points: dict[str, Any]) -> str:
    figure, axes = _figure()
    low, high = min(points["truth"]), max(points["truth"])
    axes.plot([low, high], [low, high], color=FAINT, linestyle="--", linewidth=1)
    axes.scatter(points["truth"], points["predicted"], s=12, alpha=0.6, color=MAIN, linewidths=0)
    axes.set(xlabel="true", ylabel="predicted")
    return _svg(figure)


def _residuals(points: dict[str, Any]) -> str:
    figure, axes = _figure()
    residuals = [true - predicted for true, predicted in zip(points["truth"], points["predicted"], strict=True)]
    axes.axhline(0, color=FAINT, linestyle="--", linewidth=1)
    axes.scatter(points["predicted"], residuals, s=12, alpha=0.6, color=MAIN, linewidths=0)
    axes.set(xlabel="predicted", ylabel="true − predicted")
    return _svg(figure)
