"""k-fold cross-validation of a candidate: what it learns from rows, it learns again inside each fold."""

import sys
from collections.abc import Sequence

import numpy as np

from tabular import contract_frames
from tabular.calibration.threshold import decide
from tabular.contract import Contract
from tabular.folds import Fold, folds
from tabular.metrics import score, undefined
from tabular.pipeline_model import PipelineModel
from tabular.recipe import Recipe, Rows

MEAN, DEVIATION = "cv", "cv_sd"
"""The prefixes of the mean of a metric over the folds, and of its standard deviation."""


def cross_validate(recipe: Recipe, rows: Rows, count: int, threshold: float | None = None) -> dict[str, float]:
    """Fit a recipe on each of `count` folds of n rows. Returns `cv:<metric>` and `cv_sd:<metric>`, and prints them.

    A metric that is undefined in a fold is left out. Ends the job when the primary metric is, or when rows of a class
    are missing where a fold is fitted.
    """
    truth = contract_frames.outputs(recipe.contract, rows.frame)
    parts = folds(rows.keys, truth if recipe.contract.classes else None, count, recipe.contract.seed)
    for number, (fitted, predicted) in enumerate(parts, start=1):
        _require_classes(recipe.contract, truth, number, fitted, predicted)
    scores = [_score(recipe, rows, truth, fold, threshold) for fold in parts]
    return _summary(scores)


def _require_classes(
    contract: Contract, truth: np.ndarray, number: int, fitted: np.ndarray, predicted: np.ndarray
) -> None:
    absent = undefined(contract.task, truth[fitted], contract.classes) if contract.classes else {}
    reasons = undefined(contract.task, truth[predicted], contract.classes)
    if absent or contract.primary in reasons:
        why = next(iter(absent.values())) if absent else reasons[contract.primary]
        sys.exit(f"cross-validation: fold {number}: {contract.primary} is undefined: {why}. Use fewer folds")


def _score(recipe: Recipe, rows: Rows, truth: np.ndarray, fold: Fold, threshold: float | None) -> dict[str, float]:
    fitted, predicted = fold
    model = PipelineModel(recipe.fit(rows.take(fitted)).pipeline, recipe.contract)
    output = model.predict(model.features(rows.frame.iloc[predicted]))
    return score(recipe.contract.task, truth[predicted], output, decide(output, threshold))


def _summary(scores: Sequence[dict[str, float]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name in scores[0]:
        values = np.array([each[name] for each in scores])
        if not np.isfinite(values).all():
            print(f"{MEAN}: {name} is undefined in {int((~np.isfinite(values)).sum())} of {len(values)} folds")
            continue
        found |= {f"{MEAN}:{name}": float(values.mean()), f"{DEVIATION}:{name}": float(values.std(ddof=1))}
    for name, value in found.items():
        print(f"{name}={value:.6f};", flush=True)
    return found
