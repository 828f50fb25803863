"""Compares a model between the groups of the declared columns: rates, their differences and ratios, calibration.

For a regression: the mean prediction and the errors. Every figure has a percentile bootstrap interval. Groups below
`minimum_rows` are counted, and not judged.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from tabular.evidence.group_rates import between, class_rates, class_statistics, number_rates, number_statistics
from tabular.evidence.group_sums import group_sums, resampled_sums
from tabular.evidence.groups import Groups, groups_of
from tabular.evidence.judged import JudgedRows
from tabular.evidence.resamples import count_for, resamples

RESAMPLES, LEVEL = 1000, 0.95
MOST_BINS, ROWS_IN_BIN = 10, 20


def evidence(judged: JudgedRows) -> dict[str, Any] | None:
    """Return the comparison of the groups of each column; None for a use case that declares none."""
    rules = judged.rules.get("fairness")
    if not rules:
        return None
    least, intervals = rules["minimum_rows"], judged.rules.get("intervals") or {}
    columns = {
        name: compare(judged, groups_of(declared, judged.columns[name]), least, intervals)
        for name, declared in judged.settings["groups"].items()
    }
    return {"minimum_rows": least, "level": intervals.get("level", LEVEL), "columns": columns}


def compare(judged: JudgedRows, groups: Groups, least: int, intervals: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures of each group, and those between the groups of `least` rows or more.

    `intervals` may have the number of `resamples` and the `level`. A rate of one of more than two classes is named
    `<rate>: <class>`. An undefined figure is null.
    """
    enough = np.flatnonzero(groups.counts >= least)
    rates, differences = _figures(judged, groups, enough, intervals) if len(enough) else ({}, {})
    described = []
    for place, name in enumerate(groups.names):
        rows = np.flatnonzero(groups.numbers == place)
        found: dict[str, Any] = {"group": name, "rows": len(rows), "judged": place in rates}
        if place in rates:
            found |= {"rates": rates[place], "calibration": calibration(judged, rows)}
        described.append(found)
    return {"groups": described, "between": differences}


def _figures(
    judged: JudgedRows, groups: Groups, enough: np.ndarray, intervals: Mapping[str, Any]
) -> tuple[dict[int, Any], dict[str, Any]]:
    """Return the rates of each group by its place, and the figures between the groups."""
    rows = np.flatnonzero(np.isin(groups.numbers, enough))
    numbers, count = np.searchsorted(enough, groups.numbers[rows]), len(enough)
    statistics, rates_of = _statistics(judged, rows)
    rates = rates_of(group_sums(statistics, numbers, count))
    drawn = rates_of(resampled_sums(statistics, numbers, count, _resamples(len(rows), intervals)))
    level = intervals.get("level", LEVEL)
    per_group = {
        int(place): {
            label: _estimate(rates[name][number, column], drawn[name][:, number, column], level)
            for name in rates
            for column, label in enumerate(_labels(judged, name, rates[name].shape[-1]))
        }
        for number, place in enumerate(enough)
    }
    resampled = between(drawn)
    return per_group, {name: _estimate(value, resampled[name], level) for name, value in between(rates).items()}


def _resamples(rows: int, intervals: Mapping[str, Any]) -> Iterator[np.ndarray]:
    return resamples(np.zeros(rows), 0, count_for(rows, intervals.get("resamples", RESAMPLES)))


def _statistics(judged: JudgedRows, rows: np.ndarray) -> tuple[np.ndarray, Callable[[np.ndarray], dict[str, Any]]]:
    truth, output = judged.truth[rows], judged.output[rows]
    if judged.contract.task == "regression":
        return number_statistics(truth, output), number_rates
    return class_statistics(truth, judged.decided[rows], output), class_rates


def _labels(judged: JudgedRows, rate: str, columns: int) -> list[str]:
    """Return the names of a rate's columns: one, or one for each class."""
    return [rate] if columns == 1 else [f"{rate}: {name}" for name in judged.contract.classes]


def _estimate(value: Any, resampled: np.ndarray, level: float) -> dict[str, float | None] | None:
    """Return a value with its percentile interval; None for NaN."""
    if np.isnan(value):
        return None
    low, high = np.nanquantile(resampled, [(1 - level) / 2, (1 + level) / 2])
    return {"value": float(value), "low": float(low), "high": float(high)}


def calibration(judged: JudgedRows, rows: np.ndarray) -> list[dict[str, float]]:
    """Return what the model expects beside what is observed, in bins of about equally many of a group's rows.

    For a binary task: the probability of the second class, and its share. For more classes: the probability of the
    most probable class, and how often it is right. For a regression: the prediction and the true value.
    """
    expected, observed = _expected(judged, rows)
    bins = min(max(len(rows) // ROWS_IN_BIN, 1), MOST_BINS)
    return [
        {"rows": len(part), "expected": float(expected[part].mean()), "observed": float(observed[part].mean())}
        for part in np.array_split(np.argsort(expected, kind="stable"), bins)
    ]


def _expected(judged: JudgedRows, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    truth, output = judged.truth[rows], judged.output[rows]
    if judged.contract.task == "regression":
        return output, truth
    if judged.contract.task == "binary":
        return output[:, 1], truth == 1
    return output.max(axis=1), output.argmax(axis=1) == truth
