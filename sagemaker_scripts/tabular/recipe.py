"""How a candidate is fitted, on any rows. Whatever it learns from rows, such as class weights, it learns in `fit`."""

from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.utils.class_weight import compute_sample_weight

from tabular import boosting, contract_frames
from tabular.boosting import PLAIN, Boosting, Report
from tabular.contract import Contract
from tabular.early_stopping import end_at_best
from tabular.engineered import pipelines as engineered
from tabular.engineered.choice import ALL, Choice
from tabular.engineered.target_encoding import encoding_folds
from tabular.features import unusable
from tabular.folds import FoldKeys, partition
from tabular.pipelines import STACK, WEIGHTED_BY_ROW, build_pipeline, numbered

XGBOOST = "xgboost"
STACK_FOLDS = 5
"""The default number of folds of a stack's out-of-fold predictions."""


@dataclass(frozen=True)
class Rows:
    """n typed rows with their target, and the keys of their folds."""

    frame: pd.DataFrame
    keys: FoldKeys

    def take(self, places: np.ndarray) -> "Rows":
        """Return the rows at these places."""
        return Rows(self.frame.iloc[places], self.keys.take(places))

    def __len__(self) -> int:
        return len(self.frame)


class Fitted(NamedTuple):
    """A fitted pipeline."""

    pipeline: Pipeline
    chosen: dict[str, Any]
    """The hyperparameters that early stopping chose."""
    left_out: dict[str, str]
    """The features without information in the rows, and why."""


@dataclass(frozen=True)
class Recipe:
    """What a candidate is fitted with."""

    contract: Contract
    algorithm: str
    hyperparameters: dict[str, Any]
    threads: int
    boosting: Boosting = PLAIN
    """What XGBoost does while it trains."""
    choice: Choice = ALL
    """Which encoded features the model takes."""

    def _left_out(self, frame: pd.DataFrame) -> dict[str, str]:
        names = [column.name for column in self.contract.input_columns]
        found = unusable(contract_frames.values(self.contract, frame), names)
        for feature in self.contract.engineered:
            if without := [name for name in feature.of if name in found]:
                found[feature.name] = f"computed from {without[0]}, which is {found[without[0]]}"
        return {name: why for name, why in found.items() if name not in self.contract.indirect}

    def fit(self, rows: Rows, held_out: pd.DataFrame | None = None) -> Fitted:
        """Fit a pipeline to n rows. With `early_stopping_rounds`, it stops when `held_out` is not predicted better."""
        left_out = self._left_out(rows.frame)
        pipeline = build_pipeline(
            self.contract, self.algorithm, self.hyperparameters, self.threads, left_out, self.choice
        )
        truth = contract_frames.outputs(self.contract, rows.frame)
        encoded = self._encoded(pipeline, rows, truth)
        options, report = self._weights(truth), None
        if held_out is not None and (self.hyperparameters.get("early_stopping_rounds") or self.boosting.report_every):
            watched, report = self._watching(pipeline, held_out)
            options |= watched
        self._fit_model(pipeline["model"], rows.keys, encoded, truth, options, report)
        return Fitted(pipeline, end_at_best(pipeline["model"]), left_out)

    def _encoded(self, pipeline: Pipeline, rows: Rows, truth: np.ndarray) -> np.ndarray:
        """Fit the steps before the model, and return their output for n rows."""
        found = self._features(pipeline["features"], rows, truth)
        for _, step in pipeline.steps[1:-1]:
            found = step.fit_transform(found, truth)
        return found

    def _features(self, features: ColumnTransformer, rows: Rows, truth: np.ndarray) -> np.ndarray:
        """Fit the encoding, and encode n rows. Target encodings have folds by group or time, like cross-validation."""
        if any(each.kind == engineered.TARGET_ENCODING for each in self.contract.engineered):
            classes = truth if self.contract.classes else None
            engineered.set_folds(features.transformers, encoding_folds(rows.keys, classes, self.contract.seed))
        found = features.fit_transform(contract_frames.inputs(self.contract, rows.frame), truth)
        for transformers in (features.transformers, features.transformers_):
            engineered.set_folds(transformers, None)  # the places of rows are no part of the model
        return np.asarray(found)

    def _watching(self, pipeline: Pipeline, held_out: pd.DataFrame) -> tuple[dict[str, Any], Report | None]:
        """Return the options with which XGBoost stops early by held-out rows, and what reports its metric of them."""
        encoded = pipeline[:-1].transform(contract_frames.inputs(self.contract, held_out))
        truth, every = contract_frames.outputs(self.contract, held_out), self.boosting.report_every
        rounds = pipeline["model"].get_num_boosting_rounds()
        stops = self.hyperparameters.get("early_stopping_rounds")
        options = {"eval_set": [(encoded, truth)], "verbose": False} if stops else {}
        return options, Report(self.contract, every, rounds, encoded, truth) if every else None

    def _fit_model(
        self, model: Any, keys: FoldKeys, encoded: np.ndarray, truth: np.ndarray, options: dict[str, Any], report: Any
    ) -> None:
        if self.algorithm == XGBOOST:
            boosting.fit(model, partial(model.fit, encoded, truth, **options), self.boosting, report)
            return
        if self.algorithm != STACK:
            model.fit(encoded, truth, **options)
            return
        count = self.hyperparameters.get("cv", STACK_FOLDS)
        folds = partition(keys, truth if self.contract.classes else None, count, self.contract.seed)
        model.set_params(cv=folds).fit(encoded, truth, **options)
        model.set_params(cv=count)  # the places of rows are no part of the model

    def _weights(self, truth: np.ndarray) -> dict[str, Any]:
        """Return the weights of n rows by their class, for an algorithm without weights of classes."""
        weights = self.hyperparameters.get("class_weight")
        if weights is None or self.algorithm not in WEIGHTED_BY_ROW:
            return {}
        by_number = numbered(self.contract, weights) if isinstance(weights, dict) else weights
        return {"sample_weight": compute_sample_weight(by_number, truth)}
