"""The learning curve of a recipe: its metric by the number of training rows, as scikit-learn's `learning_curve`.

The validation rows are those of the split. Each subset of the training rows has all rows of the smaller ones: whole
groups in random order, the earliest rows, or rows drawn at random, stratified by class, like the use case's split.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tabular import contract_frames
from tabular.calibration.threshold import decide
from tabular.channels import read_channel
from tabular.contract import Contract
from tabular.folds import GROUP, TIME, FoldKeys, read_keys
from tabular.metrics import score, undefined
from tabular.model_files import LEARNING_CURVE_FILE
from tabular.pipeline_model import PipelineModel
from tabular.recipe import Recipe, Rows

Point = tuple[int, float, float]
"""The number of rows, and the primary metric on them and on the validation rows."""


def add_learning_curve(
    recipe: Recipe, train: Path, validation: Path, settings: Mapping[str, Any], threshold: float | None, folder: Path
) -> None:
    """Write the curve of a recipe beside its model in `folder`, if the job's settings ask for one.

    `train` and `validation` are the folders of the rows. LEARNING_CURVE_FILE has the metric's name as `metric`, and a
    list each of `rows`, `train` and `validation`. It is absent where no subset can be fitted.
    """
    asked = (settings.get("training") or {}).get("learning_curve")
    if not asked:
        return
    frame = read_channel(train, recipe.contract)
    rows = Rows(frame, read_keys(settings.get("folds") or {}, [train], len(frame)))
    found = list(points(recipe, rows, read_channel(validation, recipe.contract), asked["train_sizes"], threshold))
    if found:
        columns = dict(zip(("rows", "train", "validation"), map(list, zip(*found, strict=True)), strict=True))
        content = {"metric": recipe.contract.primary, **columns}
        (folder / LEARNING_CURVE_FILE).write_text(json.dumps(content), encoding="utf-8")


def points(
    recipe: Recipe, rows: Rows, validation: pd.DataFrame, train_sizes: Sequence[float], threshold: float | None
) -> Iterator[Point]:
    """Fit a recipe to each share of n training rows, and yield the points, and print them.

    A share whose rows cannot be fitted, or have no metric, is left out, and the reason is printed.
    """
    contract = recipe.contract
    truth = contract_frames.outputs(contract, rows.frame)
    for places in subsets(rows.keys, truth if contract.classes else None, train_sizes, contract.seed):
        taken = rows.take(places)
        if reason := _lacks(contract, truth[places]):
            print(f"Learning curve: {len(places):,} rows are left out: {reason}")
            continue
        try:
            model = PipelineModel(recipe.fit(taken).pipeline, contract)
            values = [_metric(model, frame, threshold) for frame in (taken.frame, validation)]
        except ValueError as error:  # for example fewer rows than the neighbours or components of an algorithm
            print(f"Learning curve: {len(places):,} rows are left out: {error}")
            continue
        if all(map(math.isfinite, values)):
            print(f"Learning curve: {len(places):,} rows: {contract.primary} {values[0]:.4f}, held out {values[1]:.4f}")
            yield len(places), values[0], values[1]
        else:
            print(f"Learning curve: {len(places):,} rows are left out: {contract.primary} is undefined")


def _lacks(contract: Contract, truth: np.ndarray) -> str | None:
    """Return why rows with these (n,) class numbers cannot be fitted."""
    reasons = undefined(contract.task, truth, contract.classes) if contract.classes else {}
    return next(iter(reasons.values()), None)


def _metric(model: PipelineModel, frame: pd.DataFrame, threshold: float | None) -> float:
    contract, output = model.contract, model.predict(model.features(frame))
    found = score(contract.task, contract_frames.outputs(contract, frame), output, decide(output, threshold))
    return float(found[contract.primary])


def subsets(
    keys: FoldKeys, classes: np.ndarray | None, train_sizes: Sequence[float], seed: int
) -> Iterator[np.ndarray]:
    """Yield the places of each share of n rows, in their order; each has those of the smaller shares.

    `classes` has the (n,) class numbers; None for numbers. A group, or the rows of one time, is never divided: then a
    subset has the share or more, and two shares that give the same rows give them once.
    """
    positions = _positions(keys, classes, seed)
    ordered = np.sort(positions)
    for limit in np.unique([ordered[math.ceil(size * len(ordered)) - 1] for size in train_sizes]):
        yield np.flatnonzero(positions <= limit)


def _positions(keys: FoldKeys, classes: np.ndarray | None, seed: int) -> np.ndarray:
    """Return the (n,) positions by which rows are taken, the lowest first."""
    if keys.by == TIME:
        return keys.values
    draw = np.random.default_rng(seed)
    if keys.by == GROUP:
        groups, of_rows = np.unique(keys.values, return_inverse=True)
        return np.asarray(draw.permutation(len(groups))[of_rows])
    drawn = draw.permutation(len(keys.values))
    if classes is None:
        return drawn
    found = np.empty(len(drawn))
    for number in np.unique(classes):  # each class in equal steps from 0, so that every subset has every class
        rows = drawn[classes[drawn] == number]
        found[rows] = np.arange(len(rows)) / len(rows)
    return found
