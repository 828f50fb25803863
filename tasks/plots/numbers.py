"""Plots of a regression."""

from typing import Any

from tasks.plots.figures import LINE, MAIN, figure, finished

DOTS: dict[str, Any] = {"s": 12, "alpha": 0.6, "color": MAIN, "linewidths": 0}


def predictions(points: dict[str, Any]) -> str:
    """Draw the predicted values by the true ones."""
    made, axes = figure()
    low, high = min(points["truth"]), max(points["truth"])
    axes.plot([low, high], [low, high], **LINE)
    axes.scatter(points["truth"], points["predicted"], **DOTS)
    return finished(made, axes, "true", "predicted")


def residuals(points: dict[str, Any]) -> str:
    """Draw the residuals by the predicted values."""
    made, axes = figure()
    errors = [true - predicted for true, predicted in zip(points["truth"], points["predicted"], strict=True)]
    axes.axhline(0, **LINE)
    axes.scatter(points["predicted"], errors, **DOTS)
    return finished(made, axes, "predicted", "true − predicted")
