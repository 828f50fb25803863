"""The measured coverage and size of prediction intervals or sets, overall and by group.

The quantiles are of the validation rows (`tabular.calibration.conformal`). A model that was fitted again on those rows
keeps them. What the intervals and sets of this model cover is measured here, on rows that it has not seen.
"""

from typing import Any

import numpy as np

from tabular.calibration.conformal import bounds, sets
from tabular.evidence.groups import groups_of
from tabular.evidence.judged import JudgedRows
from tabular.evidence.shares import share_interval

LEVEL = 0.95


def evidence(judged: JudgedRows) -> dict[str, Any] | None:
    """Return the coverage with its exact interval and the mean width or size; None for a model without quantiles.

    By class for a task of classes, and by group for each column of the fairness. A width has the target's unit, and is
    null without bounds. Groups below `minimum_rows` are counted, and not measured.
    """
    conformal = judged.calibration.conformal if judged.calibration else None
    if not conformal:
        return None
    level = (judged.rules.get("intervals") or {}).get("level", LEVEL)
    covered, sizes = _measured(judged, conformal)
    found = {
        "target": conformal["coverage"],
        "method": conformal["method"],
        "level": level,
        **_figures(covered, sizes, level),
        "columns": _by_column(judged, covered, sizes, level),
    }
    if judged.contract.classes:
        rows = [(name, judged.truth == number) for number, name in enumerate(judged.contract.classes)]
        found["sizes"] = {
            str(size): int(count) for size, count in zip(*np.unique(sizes, return_counts=True), strict=True)
        }
        found["classes"] = {name: _figures(covered[mask], sizes[mask], level) for name, mask in rows if mask.any()}
    return found


def _measured(judged: JudgedRows, conformal: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return whether each of n rows is covered, and the width of its interval or the size of its set."""
    if judged.contract.task == "regression":
        low, high = bounds(conformal, judged.output)
        return (low <= judged.truth) & (judged.truth <= high), high - low
    chosen = sets(conformal, judged.output, judged.decided)
    return chosen[np.arange(len(chosen)), judged.truth], chosen.sum(axis=1)


def _figures(covered: np.ndarray, sizes: np.ndarray, level: float) -> dict[str, Any]:
    hits, rows = int(covered.sum()), len(covered)
    low, high = share_interval(hits, rows, level)
    size = float(sizes.mean())
    return {
        "rows": rows,
        "coverage": hits / rows,
        "low": low,
        "high": high,
        "size": size if np.isfinite(size) else None,
    }


def _by_column(judged: JudgedRows, covered: np.ndarray, sizes: np.ndarray, level: float) -> dict[str, list[Any]]:
    least = (judged.rules.get("fairness") or {}).get("minimum_rows", 1)
    found: dict[str, list[Any]] = {}
    for column, declared in judged.settings.get("groups", {}).items():
        groups = groups_of(declared, judged.columns[column])
        masks = [(name, groups.numbers == number) for number, name in enumerate(groups.names)]
        found[column] = [
            {"group": name, **_figures(covered[mask], sizes[mask], level)}
            if mask.sum() >= least
            else {"group": name, "rows": int(mask.sum()), "coverage": None}
            for name, mask in masks
        ]
    return found
