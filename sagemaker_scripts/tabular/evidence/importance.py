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
PREDICTED = 75_000
"""The most rows that are predicted, about: it limits the number of repeats."""
REPEATS = (3, 10)
"""The least and the most random orders of each column."""
SEED = 7

Permuted = Callable[[str], np.ndarray]
"""Returns the model's outputs of the rows with one column's values in each random order, one order after the other."""


def evidence(judged: JudgedRows) -> dict[str, Any] | None:
    """Return by column the mean loss of the primary metric and its standard deviation over the random orders.

    Breiman 2001; as scikit-learn's `permutation_importance`, on at most ROWS random held-out rows. The columns are the
    model's inputs: of two with the same information, each may have little importance. A model that its pipeline
    predicts with, and one of principal components, has the columns of a request. None without a model, and where the
    metric is undefined.
    """
    model, name = judged.model, judged.contract.primary
    if model is None or judged.frame is None or not len(judged.frame):
        return None
    rows = sampled(len(judged.truth), ROWS)
    repeats = int(np.clip(PREDICTED // (len(rows) * len(judged.contract.input_columns)), *REPEATS))
    columns, permuted = _permuted(model, judged.frame.iloc[rows], repeats)
    sign = -1 if name in LOWER_IS_BETTER else 1

    def value(output: np.ndarray) -> float:
        return sign * score(judged.contract.task, judged.truth[rows], output, model.decide(output))[name]

    before = value(judged.output[rows])
    if not np.isfinite(before):
        return None
    losses = {
        column: np.array([before - value(output) for output in np.split(permuted(column), repeats)])
        for column in columns
    }
    return {"metric": name, "rows": len(rows), "repeats": repeats, "columns": _ranked(losses)}


def _ranked(losses: Mapping[str, np.ndarray]) -> dict[str, dict[str, float]]:
    """Return mean and deviation by column, the largest mean first."""
    found = {name: {"mean": float(each.mean()), "deviation": float(each.std())} for name, each in losses.items()}
    return dict(sorted(found.items(), key=lambda item: -item[1]["mean"]))


def _permuted(model: "Artefact", frame: "pd.DataFrame", repeats: int) -> tuple[list[str], Permuted]:
    """Return the columns, and the function that predicts all repeats of the n rows again."""
    random, count = np.random.default_rng(SEED), len(frame)
    order = np.concatenate([first + random.permutation(count) for first in range(0, repeats * count, count)])
    every = frame.iloc[np.tile(np.arange(count), repeats)].reset_index(drop=True)
    if model.compiled is None or not model.compiled.places:

        def output(name: str) -> np.ndarray:
            return model.output(every.assign(**{name: every[name].iloc[order].reset_index(drop=True)}))

        return [column.name for column in model.contract.features], output
    encoded, places = model.features(every), model.compiled.places

    def predicted(name: str) -> np.ndarray:
        there = encoded[:, places[name]].copy()
        encoded[:, places[name]] = there[order]
        found = model.predict(encoded)
        encoded[:, places[name]] = there
        return found

    return [name for name, each in places.items() if each], predicted
