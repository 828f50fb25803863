"""Builds the pipeline of a candidate: imputing, encoding and scaling, then its algorithm."""

from collections.abc import Collection
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from xgboost import XGBClassifier, XGBRegressor

from tabular.contract import Contract

RARE = 10
"""The least number of rows of a category with its own column. Rarer categories share one column."""

ESTIMATORS: dict[tuple[str, bool], Any] = {
    ("logistic_regression", True): LogisticRegression,
    ("ridge", False): Ridge,
    ("random_forest", True): RandomForestClassifier,
    ("random_forest", False): RandomForestRegressor,
    ("xgboost", True): XGBClassifier,
    ("xgboost", False): XGBRegressor,
}
"""The estimators, by algorithm and whether they are classifiers."""

THREADED = frozenset({"random_forest", "xgboost"})


def build_pipeline(
    contract: Contract,
    algorithm: str,
    hyperparameters: dict[str, Any],
    threads: int,
    leave_out: Collection[str] = (),
) -> Pipeline:
    """Return the untrained pipeline from `contract.features`, without `leave_out`, to the target.

    `hyperparameters` are those of the estimator; a `class_weight` may name classes. Raises KeyError for an algorithm
    that does not support the task, and TypeError for a hyperparameter that the algorithm does not have.
    """
    estimator = ESTIMATORS[algorithm, contract.task != "regression"]
    settings: dict[str, Any] = {"random_state": contract.seed, **hyperparameters}
    if isinstance(weights := settings.get("class_weight"), dict):
        settings["class_weight"] = {contract.classes.index(name): weight for name, weight in weights.items()}
    if algorithm in THREADED:
        settings["n_jobs"] = threads
    return Pipeline([("features", _features(contract, leave_out)), ("model", estimator(**settings))])


def _features(contract: Contract, leave_out: Collection[str]) -> ColumnTransformer:
    used = [column for column in contract.features if column.name not in leave_out]
    numbers = [column.name for column in used if column.type != "category"]
    categories = [column.name for column in used if column.type == "category"]
    impute = SimpleImputer(strategy="constant", fill_value="(missing)", missing_values=np.nan)
    encode = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=RARE, sparse_output=False)
    steps = [
        ("numbers", make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler()), numbers),
        ("categories", make_pipeline(impute, encode), categories),
    ]
    return ColumnTransformer([step for step in steps if step[2]])
