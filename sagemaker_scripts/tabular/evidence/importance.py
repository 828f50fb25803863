"""Permutation importance: by how much a model is worse when the values of a column are in random order."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from tabular.evidence.judged import JudgedRows
from tabular.evidence.sampled_rows import sampled
from tabular.metrics import LOWER_IS_BETTER, score

if TYPE_CHECKING:
    import pandas as pd

    from tabular.artefact import Artefact

ROWS = 1_000
PREDICTED = 200_000
"""The most rows that are predicted, about: it limits the number of repeats."""
REPEATS = (3, 10)
"""The least and the most random orders of each column."""
SEED = 7

Permuted = Callable[[str, np.ndarray], np.ndarray]
"""Returns the model's output for the rows with one column's values in another order."""


def evidence(judged: JudgedRows) -> dict[str, Any] | None:
    """Return by column the mean loss of the primary metric and its standard deviation over the random orders.

    Breiman 2001; as scikit-learn's `permutation_importance`, on at most ROWS random held-out rows. The columns are the
    model's inputs: of two that tell the same, each may have little importance. A model that its pipeline predicts with
    has the columns of a request. None without a model, and where the metric is undefined.
    """
    model, name = judged.model, judged.contract.primary
    if model is None or judged.frame is None or not len(judged.frame):
        return None
    rows, random = sampled(len(judged.truth), ROWS), np.random.default_rng(SEED)
    columns, permuted = _asked(model, judged.frame.iloc[rows])
    repeats = int(np.clip(PREDICTED // (len(rows) * max(len(columns), 1)), *REPEATS))
    sign = -1 if name in LOWER_IS_BETTER else 1

    def value(output: np.ndarray) -> float:
        return sign * score(judged.contract.task, judged.truth[rows], output, model.decide(output))[name]

    before = value(judged.output[rows])
    if not np.isfinite(before):
        return None
    orders = [random.permutation(len(rows)) for _ in range(repeats)]
    losses = {each: np.array([before - value(permuted(each, order)) for order in orders]) for each in columns}
    return {"metric": name, "rows": len(rows), "repeats": repeats, "columns": _ranked(losses)}


def _ranked(losses: Mapping[str, np.ndarray]) -> dict[str, dict[str, float]]:
    """Return mean and deviation by column, the largest mean first."""
    found = {name: {"mean": float(each.mean()), "deviation": float(each.std())} for name, each in losses.items()}
    return dict(sorted(found.items(), key=lambda item: -item[1]["mean"]))


def _asked(model: "Artefact", frame: "pd.DataFrame") -> tuple[list[str], Permuted]:
    """Return the columns, and the function that asks the model again."""
    if model.compiled is None:

        def output(name: str, order: np.ndarray) -> np.ndarray:
            return model.output(frame.assign(**{name: frame[name].iloc[order].set_axis(frame.index)}))

        return [column.name for column in model.contract.features], output
    encoded, places = model.features(frame), model.compiled.places

    def predicted(name: str, order: np.ndarray) -> np.ndarray:
        changed = encoded.copy()
        changed[:, places[name]] = encoded[order][:, places[name]]
        return model.predict(changed)

    return [name for name, each in places.items() if each], predicted
