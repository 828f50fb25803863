"""SHAP values: how much each column moves the predictions."""

from typing import Any

import numpy as np

from tabular.evidence.judged import JudgedRows
from tabular.evidence.sampled_rows import sampled

ROWS = 500
UNITS = {"binary": "log-odds", "multiclass": "log-odds of each class, mean", "regression": "unit of the target"}


def evidence(judged: JudgedRows) -> dict[str, Any] | None:
    """Return by column the mean absolute SHAP value over at most ROWS random held-out rows, the largest first.

    XGBoost computes them exactly for its trees, in the unit of its margin; those of a linear model are of independent
    features. Of more than two classes it is the mean over the classes. None for other models.
    """
    if judged.model is None or judged.frame is None or not len(judged.frame):
        return None
    compiled = judged.model.compiled
    if compiled is None or compiled.shap is None:
        return None
    rows = sampled(len(judged.truth), ROWS)
    parts = np.abs(compiled.contributions(judged.model.features(judged.frame.iloc[rows])))[..., :-1]
    means = parts.reshape(-1, parts.shape[-1]).mean(axis=0).tolist()
    names = [column.name for column in judged.contract.input_columns]
    ranked = sorted(zip(names, means, strict=True), key=lambda each: -each[1])
    return {
        "method": compiled.shap,
        "unit": UNITS[judged.contract.task],
        "rows": len(rows),
        "columns": {name: value for name, value in ranked if value > 0},
    }
