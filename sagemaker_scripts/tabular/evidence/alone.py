"""How well each column predicts the target alone. One that predicts it almost perfectly probably leaks it."""

from typing import Any

import numpy as np

from tabular.evidence.judged import JudgedRows
from tabular.evidence.ranks import ranks_of
from tabular.evidence.sampled_rows import sampled
from tabular.metrics import score

ROWS = 20_000
BINS = 20
FOLDS = 5
SEED = 7
LEAST_ROWS, LEAST_OF_A_CLASS = 50, 20
"""With fewer rows there is no evidence: a column may order so few of them by chance."""
OF_RANKS, OF_NUMBERS = "roc_auc", "r2"


def evidence(judged: JudgedRows) -> dict[str, Any] | None:
    """Return by input column the ROC-AUC of the column alone, or its R² for a regression, the largest first.

    The values of a column are grouped: categories by value, numbers into BINS groups of equal sizes. Each row is
    predicted by the mean of its group in the other folds, so that a column of unique values predicts nothing. A number
    is also tried as it is, in both directions: by its order, and for a regression by its correlations (Pearson's and
    Spearman's, squared). None for few rows, in all or of a class. Columns of texts are left out.
    """
    if judged.frame is None or judged.model is None or len(judged.truth) < LEAST_ROWS:
        return None
    from tabular import contract_frames

    rows = sampled(len(judged.truth), ROWS)
    truth, classes = judged.truth[rows], len(judged.contract.classes)
    if classes and np.bincount(truth, minlength=classes).min() < LEAST_OF_A_CLASS:
        return None
    values = contract_frames.inputs(judged.contract, judged.frame.iloc[rows])
    kinds = {column.name: column.type for column in judged.contract.input_columns if column.type != "text"}
    found = {
        name: max(_by_groups(values[name], kind, truth, classes), _by_order(values[name], kind, truth, classes))
        for name, kind in kinds.items()
    }
    measure = OF_RANKS if classes else OF_NUMBERS
    return {"metric": measure, "columns": dict(sorted(found.items(), key=lambda item: -item[1]))}


def _by_groups(values: Any, kind: str, truth: np.ndarray, classes: int) -> float:
    """Return the metric of predicting each row by the mean of its group in the other folds."""
    groups = _groups(values, kind)
    wanted = np.eye(classes)[truth] if classes else truth.astype("float64")[:, None]
    folds = np.random.default_rng(SEED).permutation(len(truth)) % FOLDS
    predicted = np.empty_like(wanted)
    for fold in range(FOLDS):
        here, others = folds == fold, folds != fold
        mean = wanted[others].mean(axis=0)
        sums = np.stack([np.bincount(groups[others], each, groups.max() + 1) for each in wanted[others].T], axis=1)
        counts = np.bincount(groups[others], minlength=groups.max() + 1)[:, None]
        predicted[here] = ((sums + mean) / (counts + 1))[groups[here]]
    return _score(classes, truth, predicted)


def _groups(values: Any, kind: str) -> np.ndarray:
    """Return the (n,) number of each row's group; missing values are a group."""
    if kind == "category":
        codes = values.astype("category").cat.codes.to_numpy("int64")
        return np.unique(codes, return_inverse=True)[1]
    numbers = values.to_numpy("float64")
    known = numbers[np.isfinite(numbers)]
    distinct = np.unique(known)
    edges = distinct if len(distinct) <= BINS else np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1]))
    return np.where(np.isfinite(numbers), np.searchsorted(edges, numbers, side="left"), len(edges) + 1)


def _by_order(values: Any, kind: str, truth: np.ndarray, classes: int) -> float:
    """Return the metric of a number as it is; 0 for a category and for a column of one value."""
    if kind == "category" or classes > 2:
        return 0.0
    numbers = values.to_numpy("float64")
    numbers = np.where(np.isfinite(numbers), numbers, np.nanmedian(numbers) if np.isfinite(numbers).any() else 0.0)
    if classes:
        area = _score(classes, truth, np.column_stack([-numbers, numbers]))
        return max(area, 1 - area)
    pairs = [(numbers, truth), (ranks_of(numbers), ranks_of(truth))]
    return max(float(np.corrcoef(x, y)[0, 1] ** 2) if x.std() and y.std() else 0.0 for x, y in pairs)


def _score(classes: int, truth: np.ndarray, predicted: np.ndarray) -> float:
    task = {0: "regression", 2: "binary"}.get(classes, "multiclass")
    found = score(task, truth, predicted if classes else predicted[:, 0])
    return found[OF_RANKS if classes else OF_NUMBERS]
