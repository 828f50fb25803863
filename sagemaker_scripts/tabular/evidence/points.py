"""The data of the plots that every evaluation has: a confusion matrix and ROC curves, or predictions and residuals."""

from typing import Any

import numpy as np

from tabular.evidence.judged import JudgedRows
from tabular.evidence.thresholds import Above, curve, shown_classes

SHOWN_ROWS = 1000
"""The most rows of a regression that are shown."""


def points(judged: JudgedRows) -> dict[str, Any]:
    """Return the points as JSON values. The confusion matrix counts the decided classes: true classes by predicted."""
    if judged.contract.task == "regression":
        keep = np.linspace(0, len(judged.truth) - 1, min(len(judged.truth), SHOWN_ROWS)).astype(int)
        shown = {"truth": judged.truth, "predicted": judged.output}
        return {name: values[keep].astype(float).tolist() for name, values in shown.items()}
    classes = judged.contract.classes
    pairs = judged.truth * len(classes) + judged.decided
    confusion = np.bincount(pairs, minlength=len(classes) ** 2).reshape(len(classes), len(classes))
    return {
        "classes": list(classes),
        "confusion": confusion.tolist(),
        "threshold": judged.calibration.threshold if judged.calibration else None,
        "roc": {classes[number]: _roc(judged, number) for number in shown_classes(judged)},
    }


def _roc(judged: JudgedRows, number: int) -> dict[str, list[float]]:
    above = Above.of(judged.output[:, number], judged.truth == number)
    return curve(fpr=above.others / above.others[-1], tpr=above.hits / above.hits[-1])
