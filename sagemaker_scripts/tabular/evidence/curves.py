"""Curves over all thresholds: precision and recall, cumulative gain, and lift."""

from typing import Any

from tabular.evidence.judged import JudgedRows
from tabular.evidence.thresholds import Above, curve, shown_classes

KINDS = ("precision_recall", "gain", "lift", "base")


def evidence(judged: JudgedRows) -> dict[str, Any] | None:
    """Return the curves of each class, and its share of the rows as `base`; None for a regression.

    `precision_recall` has both above each threshold. `gain` has the share of the class's rows that are found among the
    `share` of rows with the highest probability; `lift` is the gain divided by that share.
    """
    if judged.contract.task == "regression":
        return None
    of_each = {
        judged.contract.classes[number]: _curves(Above.of(judged.output[:, number], judged.truth == number))
        for number in shown_classes(judged)
    }
    return {kind: {name: found[kind] for name, found in of_each.items()} for kind in KINDS}


def _curves(above: Above) -> dict[str, Any]:
    positives, rows = above.hits[-1], above.rows[-1]
    share, gain = above.rows / rows, above.hits / positives
    taken = slice(1, None)  # above the first threshold there is no row
    return {
        "precision_recall": curve(recall=gain[taken], precision=above.hits[taken] / above.rows[taken]),
        "gain": curve(share=share, gain=gain),
        "lift": curve(share=share[taken], lift=gain[taken] / share[taken]),
        "base": float(positives / rows),
    }
