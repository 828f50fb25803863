"""Measures a naive prediction and quick models on the sample, for a gate between the two."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from config.candidates import ERRORS, Metric
from config.use_case import UseCase
from tasks.model_contract import contract

ROWS, FOLDS, SEED = 2_000, 3, 7
"""At most this many rows are used, in this many folds."""
QUICK: dict[str, dict[str, Any]] = {
    "logistic_regression": {"max_iter": 300},
    "ridge": {"alpha": 10.0},
    "random_forest": {"n_estimators": 60, "min_samples_leaf": 3},
}
BETTER = 0.02
"""The least improvement on the naive prediction that a gate asks for, as a share of it."""


@dataclass(frozen=True)
class QuickScores:
    """The primary metric of a naive prediction and of the best quick model, by cross-validation."""

    metric: Metric
    naive: float
    best: float
    rows: int

    @property
    def gate(self) -> dict[str, object]:
        """The gate: halfway between the two, and at least a little better than naive."""
        lower = self.metric in ERRORS
        margin = BETTER * abs(self.naive)
        halfway = (self.naive + self.best) / 2
        bound = min(halfway, self.naive - margin) if lower else max(halfway, self.naive + margin)
        return {"metric": self.metric, "at_most" if lower else "at_least": float(f"{bound:.3g}")}

    @property
    def learns(self) -> bool:
        """Whether the quick model is better than the naive prediction."""
        gain = self.naive - self.best if self.metric in ERRORS else self.best - self.naive
        return bool(gain > BETTER * abs(self.naive))

    @property
    def reason(self) -> str:
        """The two figures."""
        return f"naive {self.naive:.3g}, a quick model {self.best:.3g} ({FOLDS} folds of {self.rows:,} rows): halfway"


def quick_scores(use_case: UseCase, frame: pd.DataFrame) -> QuickScores:
    """Return the scores on the (n, columns) typed rows with a target."""
    rows = frame.sample(ROWS, random_state=SEED) if len(frame) > ROWS else frame
    scores = [_mean(use_case, rows, algorithm) for algorithm in _algorithms(use_case)]
    naive = scores[0][0]
    best = min if use_case.evaluation.primary in ERRORS else max
    return QuickScores(use_case.evaluation.primary, naive, best(score for _, score in scores), len(rows))


def _algorithms(use_case: UseCase) -> list[str]:
    linear = "ridge" if use_case.target.task == "regression" else "logistic_regression"
    return [linear, "random_forest"]


def _mean(use_case: UseCase, frame: pd.DataFrame, algorithm: str) -> tuple[float, float]:
    """Return the mean score of the naive prediction and of the algorithm over the folds."""
    scores = list(_scores(use_case, frame, algorithm))
    naive, found = np.nanmean(np.array(scores), axis=0)
    return float(naive), float(found)


def _scores(use_case: UseCase, frame: pd.DataFrame, algorithm: str) -> Iterator[tuple[float, float]]:
    from sklearn.model_selection import KFold, StratifiedKFold  # takes a second to import

    from tabular import contract_frames
    from tabular.features import unusable
    from tabular.metrics import score
    from tabular.pipelines import build_pipeline

    terms = contract(use_case)
    inputs, truth = contract_frames.inputs(terms, frame), contract_frames.outputs(terms, frame)
    folds = KFold if terms.task == "regression" else StratifiedKFold
    for train, test in folds(FOLDS, shuffle=True, random_state=SEED).split(inputs, truth):
        left_out = unusable(inputs.iloc[train], use_case.inputs)
        pipeline = build_pipeline(terms, algorithm, QUICK[algorithm], threads=1, leave_out=left_out)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a quick model need not converge
            pipeline.fit(inputs.iloc[train], truth[train])
        output = (
            pipeline.predict(inputs.iloc[test])
            if terms.task == "regression"
            else pipeline.predict_proba(inputs.iloc[test])
        )
        naive = _naive(terms.classes, truth[train], len(test))
        primary = use_case.evaluation.primary
        yield score(terms.task, truth[test], naive)[primary], score(terms.task, truth[test], output)[primary]


def _naive(classes: tuple[str, ...], truth: np.ndarray, rows: int) -> np.ndarray:
    """Return the naive prediction of `rows` rows: the mean, or the share of each class."""
    if not classes:
        return np.full(rows, truth.mean())
    return np.tile(np.bincount(truth, minlength=len(classes)) / len(truth), (rows, 1))
