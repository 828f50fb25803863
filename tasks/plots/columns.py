"""Plots of the columns that a model uses."""

from collections.abc import Mapping
from typing import Any

from tasks.plots.figures import INK, LINE, MAIN, figure, finished, plain

SHOWN = 15
"""The most columns in a plot."""


def importance(found: dict[str, Any]) -> str:
    """Draw the loss of the metric without each column's information, with its deviation."""
    columns = found["columns"]
    means = {name: each["mean"] for name, each in columns.items()}
    deviations = [each["deviation"] for each in columns.values()]
    return _bars(means, f"loss of {found['metric']}, shuffled", deviations)


def shap(found: dict[str, Any]) -> str:
    """Draw the mean absolute SHAP value of each column."""
    return _bars(found["columns"], f"mean |SHAP value|, {found['unit']}")


def _bars(values: Mapping[str, float], title: str, deviations: list[float] | None = None) -> str:
    """Draw the first SHOWN columns, the first at the top."""
    made, axes = figure()
    names = list(values)[:SHOWN]
    spread = deviations[: len(names)] if deviations else None
    axes.axvline(0, **LINE)
    axes.barh(range(len(names)), [values[name] for name in names], xerr=spread, color=MAIN, height=0.7, ecolor=INK)
    axes.set_yticks(range(len(names)), [_short(name) for name in names], fontsize=8)
    axes.invert_yaxis()
    rest = len(values) - len(names)
    return finished(made, axes, title + (f" ({SHOWN} of {len(values)})" if rest else ""), "")


def _short(name: str, most: int = 24) -> str:
    return plain(name if len(name) <= most else f"{name[: most - 1]}…")
