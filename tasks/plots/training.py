"""Plots of how a model was trained."""

from typing import Any

from tasks.plots.figures import figure, finished


def learning_curve(found: dict[str, Any]) -> str:
    """Draw the metric on the training and the validation rows by the number of training rows."""
    made, axes = figure()
    for part in ("train", "validation"):
        axes.plot(found["rows"], found[part], "o-", label=f"{part} rows", markersize=4, linewidth=1.8)
    return finished(made, axes, "training rows", found["metric"], xlim=(0, None))
