"""The part of a run's page about groups of rows: fairness, the worst slices, and the coverage of prediction sets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from config.fairness import FairnessBound
from config.use_case import UseCase

WIDTH, ROW, LABEL, VALUE = 420, 22, 120, 50
"""The width of a plot, the height of a group's line, and the room for its name and value, in units of the SVG."""
PLOTTED = ("selection_rate", "true_positive_rate", "accuracy", "mean_prediction", "mae")
"""The rates that are drawn, where the task has them."""


@dataclass(frozen=True)
class Mark:
    """One group's value with its interval, in the coordinates of the SVG."""

    group: str
    rows: int
    text: str
    y: float
    x: float
    low: float
    high: float


@dataclass(frozen=True)
class Plot:
    """The values of one rate in every judged group."""

    rate: str
    marks: Sequence[Mark]
    ticks: Sequence[tuple[float, str]]
    height: float
    width: float = WIDTH
    label: float = LABEL - 10
    """Where the names end."""


@dataclass(frozen=True)
class Judged:
    """A bound of the gate, and what was found."""

    bound: FairnessBound
    column: str
    figure: Mapping[str, float] | None
    passed: bool


def plots_of(groups: Sequence[Mapping[str, Any]]) -> list[Plot]:
    """Return a plot for each drawn rate of a column's groups. A rate of several classes has one for each class."""
    judged = [group for group in groups if group["judged"]]
    names = dict.fromkeys(name for group in judged for name in group["rates"])
    return [_plot(name, judged) for name in names if name.partition(":")[0] in PLOTTED]


def _plot(name: str, groups: Sequence[Mapping[str, Any]]) -> Plot:
    shown = [group for group in groups if group["rates"][name]]
    least = min((group["rates"][name]["low"] for group in shown), default=0.0)
    most = max((group["rates"][name]["high"] for group in shown), default=1.0)
    share = least >= 0 and most <= 1
    low, high = (0.0, 1.0) if share else (min(least, 0.0), most)
    scale = (WIDTH - LABEL - 2 * VALUE) / ((high - low) or 1.0)
    marks = [_mark(group, group["rates"][name], place, low, scale) for place, group in enumerate(shown)]
    ticks = [low + (high - low) * part / 4 for part in range(5)]
    return Plot(name, marks, [(LABEL + (tick - low) * scale, f"{tick:g}") for tick in ticks], ROW * len(shown) + 4)


def _mark(group: Mapping[str, Any], figure: Mapping[str, float], place: int, low: float, scale: float) -> Mark:
    x, start, end = (LABEL + (figure[name] - low) * scale for name in ("value", "low", "high"))
    return Mark(group["group"], group["rows"], f"{figure['value']:.3f}", ROW * place + ROW / 2 + 2, x, start, end)


def judged_bounds(use_case: UseCase, fairness: Mapping[str, Any]) -> Iterator[Judged]:
    """Yield each bound of the use case for each of its columns."""
    rules = use_case.evaluation.fairness
    for bound in rules.bounds if rules else ():
        for column in [bound.column] if bound.column else fairness["columns"]:
            figure = fairness["columns"].get(column, {}).get("between", {}).get(bound.metric)
            yield Judged(bound, column, figure, bool(figure) and bound.passes(_compared(bound, figure)))


def _compared(bound: FairnessBound, figure: Mapping[str, float]) -> float:
    if bound.by == "estimate":
        return figure["value"]
    return figure["high" if bound.at_most is not None else "low"]


def fairness_values(use_case: UseCase, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `fairness.html.j2` shows of an evaluation's JSON; None for what it lacks."""
    fairness = found.get("fairness")
    columns = fairness["columns"] if fairness else {}
    return {
        "fairness": fairness,
        "bounds": list(judged_bounds(use_case, fairness)) if fairness else [],
        "rate_plots": {name: plots_of(each["groups"]) for name, each in columns.items()},
        "slices": found.get("slices"),
        "sets": found.get("prediction_sets"),
    }
