"""Metrics of predictions against true values, and the points of their plots.

scikit-learn is imported by the functions that need it: it takes a second.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

CURVE_POINTS = 200


def score(task: str, truth: np.ndarray, output: np.ndarray, decided: np.ndarray | None = None) -> dict[str, float]:
    """Return the metrics of a task by name.

    `truth` is (n,): class numbers, or floats. `output` is (n, classes) probabilities, or (n,) floats. `decided` has
    the (n,) class numbers that the model decides on, by default the most probable ones.
    Precision, recall and F1 are those of the positive class for a binary task, and macro averages for more classes.
    ROC-AUC of more than two classes is one-vs-rest, macro. RMSE and MAE have the target's unit. A metric in `undefined`
    is NaN. Raises ValueError when a prediction is not a finite number.
    """
    if not np.isfinite(output).all():
        raise ValueError("predictions: expected finite numbers; found others")
    if task == "regression":
        from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

        return {
            "rmse": float(root_mean_squared_error(truth, output)),
            "mae": float(mean_absolute_error(truth, output)),
            "r2": float(r2_score(truth, output)) if len(truth) > 1 else math.nan,
        }
    from sklearn.metrics import accuracy_score, precision_recall_fscore_support

    predicted = output.argmax(axis=1) if decided is None else decided
    average = "binary" if task == "binary" else "macro"
    precision, recall, f1, _ = precision_recall_fscore_support(truth, predicted, average=average, zero_division=0)
    return {
        "accuracy": float(accuracy_score(truth, predicted)),
        "precision": float(precision),
        "recall": float(recall),
        "f1": float(f1),
        "roc_auc": _roc_auc(task, truth, output),
    }


def undefined(task: str, truth: np.ndarray, classes: Sequence[str]) -> dict[str, str]:
    """Return why metrics of the (n,) true class numbers, or values, are undefined, by the metric's name."""
    if task == "regression":
        return {} if len(truth) > 1 else {"r2": f"it needs two rows or more, found {len(truth)}"}
    absent = [name for number, name in enumerate(classes) if not (truth == number).any()]
    found = f"it needs rows of every class, found none of {', '.join(absent)} among {len(truth):,}"
    return {"roc_auc": found} if absent else {}


def _roc_auc(task: str, truth: np.ndarray, output: np.ndarray) -> float:
    if len(np.unique(truth)) < output.shape[1]:
        return math.nan
    from sklearn.metrics import roc_auc_score

    if task == "binary":
        return float(roc_auc_score(truth, output[:, 1]))
    return float(roc_auc_score(truth, output, multi_class="ovr", average="macro", labels=range(output.shape[1])))


def points(
    task: str, classes: tuple[str, ...], truth: np.ndarray, output: np.ndarray, decided: np.ndarray | None = None
) -> dict[str, Any]:
    """Return the data of the plots: a confusion matrix and ROC curves, or predictions and residuals.

    The parameters are those of `score`.
    """
    if task == "regression":
        keep = np.linspace(0, len(truth) - 1, min(len(truth), 5 * CURVE_POINTS)).astype(int)
        return {"truth": truth[keep].tolist(), "predicted": output[keep].astype(float).tolist()}
    from sklearn.metrics import confusion_matrix, roc_curve

    numbers = range(len(classes))
    curves = {}
    for number in numbers if task == "multiclass" else [1]:
        false_positives, true_positives, _ = roc_curve(truth == number, output[:, number])
        keep = np.linspace(0, len(false_positives) - 1, min(len(false_positives), CURVE_POINTS)).astype(int)
        curves[classes[number]] = {
            "fpr": false_positives[keep].tolist(),
            "tpr": true_positives[keep].tolist(),
        }
    matrix = confusion_matrix(truth, output.argmax(axis=1) if decided is None else decided, labels=list(numbers))
    return {"classes": list(classes), "confusion": matrix.tolist(), "roc": curves}
