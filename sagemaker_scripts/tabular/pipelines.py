"""Builds the pipeline of a candidate: imputing, encoding and scaling inside, then its algorithm."""

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
"""A category of fewer rows than this shares one column with the other rare ones."""

ESTIMATORS: dict[tuple[str, bool], Any] = {
    ("logistic_regression", True): LogisticRegression,
    ("ridge", False): Ridge,
    ("random_forest", True): RandomForestClassifier,
    ("random_forest", False): RandomForestRegressor,
    ("xgboost", True): XGBClassifier,
    ("xgboost", False): XGBRegressor,
}
"""By algorithm, and whether it tells classes apart."""

THREADED = frozenset({"random_forest", "xgboost"})


def build_pipeline(contract: Contract, algorithm: str, hyperparameters: dict[str, Any], threads: int) -> Pipeline:
    """Return the untrained pipeline from `contract.features` to the target.

    `hyperparameters` are the estimator's own. Raises KeyError for an algorithm that the task has none of, and
    TypeError for a hyperparameter that the algorithm does not have.
    """
    estimator = ESTIMATORS[algorithm, contract.task != "regression"]
    settings: dict[str, Any] = {"random_state": contract.seed, **hyperparameters}
    if algorithm in THREADED:
        settings["n_jobs"] = threads
    return Pipeline([("features", _features(contract)), ("model", estimator(**settings))])


def _features(contract: Contract) -> ColumnTransformer:
    numbers = [column.name for column in contract.features if column.type != "category"]
    categories = [column.name for column in contract.features if column.type == "category"]
    return ColumnTransformer(
        [
            (
                "numbers",
                make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler()),
                numbers,
            ),
            (
                "categories",
                make_pipeline(
                    SimpleImputer(strategy="constant", fill_value="(missing)", missing_values=np.nan),
                    OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=RARE, sparse_output=False),
                ),
                categories,
            ),
        ]
    )
