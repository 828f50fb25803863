"""Fits a candidate to stored rows that no memory holds at once, of one instance or of several.

It needs a candidate of XGBoost whose encoding is learnt from sums, counts and order statistics. With several ranks,
each gives XGBoost its own rows; they add the gradients of each bin, and every rank has the same model.
"""

import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import xgboost

from tabular import boosting
from tabular.boosting import Report
from tabular.channels import StoredRows
from tabular.collective import Ranks
from tabular.compiled.encoding import Encoder
from tabular.compiled.fitted import steps_of
from tabular.contract import Contract
from tabular.distributed.encoding import fit_encoding, summarize, typed_columns
from tabular.distributed.matrix import DEFAULT_BINS, Weigh, binned, cuts_of
from tabular.early_stopping import end_at_best
from tabular.engineered.choice import ALL
from tabular.pipelines import build_pipeline, numbered
from tabular.recipe import XGBOOST, Fitted, Recipe

TREE_METHODS = (None, "auto", "hist")
BOOSTERS = (None, "gbtree", "dart")


def is_streamed(recipe: Recipe) -> bool:
    """Whether a candidate can be fitted without a frame of all rows. It depends on the candidate, not on the rows."""
    given, contract = recipe.hyperparameters, recipe.contract
    texts = any(column.type == "text" for column in contract.input_columns)
    known = given.get("tree_method") in TREE_METHODS and given.get("booster") in BOOSTERS
    return recipe.algorithm == XGBOOST and known and recipe.choice == ALL and not texts and not contract.engineered


def require_streamed(recipe: Recipe, ranks: Ranks) -> None:
    """Raise ValueError for a candidate that several instances can't train."""
    if ranks.size > 1 and not is_streamed(recipe):
        raise ValueError(
            f"{recipe.algorithm}: expected a candidate of XGBoost that several instances can train; found another, or "
            "texts, engineered features, selection or reduction. Use training.instances: 1"
        )


def fit(recipe: Recipe, rows: StoredRows, held_out: StoredRows | None, ranks: Ranks) -> Fitted:
    """Fit a candidate to the rows of all ranks. Every rank has all of `held_out`, and returns the same pipeline."""
    contract, given = recipe.contract, recipe.hyperparameters
    bins = given.get("max_bin") or DEFAULT_BINS
    summaries = summarize(ranks, rows, bins)
    left_out = summaries.unusable
    pipeline = build_pipeline(contract, recipe.algorithm, given, recipe.threads, left_out)
    fit_encoding(pipeline["features"], contract, summaries)
    ranked = {column.name: column.categories or () for column in contract.input_columns if column.ordered}
    with tempfile.TemporaryDirectory() as folder:
        steps = steps_of(pipeline["features"], ranked, Path(folder))
    encoder, model = Encoder(steps, "float32", {}), pipeline["model"]
    matrix = binned(rows, encoder, cuts_of(steps, summaries), bins, recipe.threads, _weigh(recipe, rows, ranks))
    watched, report = None, None
    if held_out is not None and (given.get("early_stopping_rounds") or recipe.boosting.report_every):
        encoded = _encoded(encoder, held_out)
        watched, report = _watching(recipe, model, matrix, encoded, held_out.truth)
    train = partial(boosting.fit_matrix, model, matrix, len(contract.classes), watched)
    boosting.fit(model, train, recipe.boosting, report if ranks.rank == 0 else None)
    return Fitted(pipeline, end_at_best(model), left_out)


def _encoded(encoder: Encoder, rows: StoredRows) -> np.ndarray:
    """Return the (n, encoded) rows."""
    tables = rows.tables()
    return np.concatenate([encoder.encode(typed_columns(rows.contract, each), len(each)) for each in tables])


def _watching(
    recipe: Recipe, model: Any, matrix: xgboost.DMatrix, encoded: np.ndarray, truth: np.ndarray
) -> tuple[xgboost.DMatrix | None, Report | None]:
    """Return the held-out rows for early stopping, and what reports the metric of them."""
    every, rounds, bins = recipe.boosting.report_every, model.get_num_boosting_rounds(), model.max_bin or DEFAULT_BINS
    watched = None
    if recipe.hyperparameters.get("early_stopping_rounds"):
        watched = xgboost.QuantileDMatrix(encoded, truth, ref=matrix, max_bin=bins, nthread=recipe.threads)
    return watched, Report(recipe.contract, every, rounds, encoded, truth) if every else None


def _weigh(recipe: Recipe, rows: StoredRows, ranks: Ranks) -> Weigh:
    """Return the weights of rows by their class, as scikit-learn's `compute_sample_weight` has them."""
    weights, contract = recipe.hyperparameters.get("class_weight"), recipe.contract
    if weights is None:
        return lambda truth: None
    by_class = _class_weights(contract, weights, ranks.sum(class_counts(contract, rows.truth)))
    return lambda truth: by_class[truth]


def class_counts(contract: Contract, truth: np.ndarray) -> np.ndarray:
    """Return the number of rows of each class, by the (n,) class numbers."""
    return np.bincount(truth, minlength=len(contract.classes)).astype("int64")


def _class_weights(contract: Contract, weights: Any, counts: np.ndarray) -> np.ndarray:
    if isinstance(weights, dict):
        named = numbered(contract, weights)
        return np.array([named.get(number, 1.0) for number in range(len(counts))], "float64")
    present = counts > 0
    return np.where(present, counts.sum() / (present.sum() * np.maximum(counts, 1)), 1.0)
