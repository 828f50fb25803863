"""Builds the pipeline of a candidate: imputing, encoding and scaling, then its algorithm."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor, StackingClassifier, StackingRegressor
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import ElasticNet, LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OrdinalEncoder, StandardScaler
from xgboost import XGBClassifier, XGBRegressor

from tabular.columns import Column
from tabular.contract import Contract
from tabular.engineered import pipelines as engineered
from tabular.engineered.choice import ALL, Choice
from tabular.one_hot import one_hot_encoder

HASHES = 2**13
"""The number of buckets of a text's hashed words. A model has no word of the training rows."""
TEXT_FEATURES = 32
"""The number of encoded features of a text: the components of its words' weights."""

ESTIMATORS: dict[tuple[str, bool], Any] = {
    ("logistic_regression", True): LogisticRegression,
    ("ridge", False): Ridge,
    ("elastic_net", False): ElasticNet,
    ("random_forest", True): RandomForestClassifier,
    ("random_forest", False): RandomForestRegressor,
    ("xgboost", True): XGBClassifier,
    ("xgboost", False): XGBRegressor,
    ("neural_network", True): MLPClassifier,
    ("neural_network", False): MLPRegressor,
    ("stack", True): StackingClassifier,
    ("stack", False): StackingRegressor,
}
"""The estimators, by algorithm and whether they are classifiers."""

THREADED = frozenset({"random_forest", "xgboost"})
STACK = "stack"
SEEDLESS = frozenset({STACK})
"""The algorithms without a `random_state` of their own."""
WEIGHTED_BY_ROW = frozenset({"xgboost", "neural_network", STACK})
"""The algorithms without a `class_weight` of their own: their rows are weighted (`tabular.recipe`)."""


def build_pipeline(
    contract: Contract,
    algorithm: str,
    hyperparameters: dict[str, Any],
    threads: int,
    leave_out: Collection[str] = (),
    choice: Choice = ALL,
) -> Pipeline:
    """Return the untrained pipeline from `contract.input_columns` to the target.

    `leave_out` has columns and engineered features that are not encoded. `hyperparameters` are those of the estimator;
    a `class_weight` may name classes. Those of a stack have in `of` the algorithm and the hyperparameters of each part.
    Raises KeyError for an algorithm that does not support the task, and TypeError for a hyperparameter that the
    algorithm does not have.
    """
    model = _estimator(contract, algorithm, hyperparameters, threads)
    return Pipeline([("features", _features(contract, leave_out)), *choice.steps(contract), ("model", model)])


def _estimator(contract: Contract, algorithm: str, hyperparameters: Mapping[str, Any], threads: int) -> Any:
    settings = {**({} if algorithm in SEEDLESS else {"random_state": contract.seed}), **hyperparameters}
    if algorithm in WEIGHTED_BY_ROW:
        settings.pop("class_weight", None)
    if isinstance(weights := settings.get("class_weight"), dict):
        settings["class_weight"] = numbered(contract, weights)
    if algorithm in THREADED:
        settings["n_jobs"] = threads
    if algorithm == STACK:
        settings |= _parts(contract, settings.pop("of"), threads)
    return ESTIMATORS[algorithm, contract.task != "regression"](**settings)


def numbered(contract: Contract, weights: Mapping[str, float]) -> dict[int, float]:
    """Return weights of classes by the numbers of the classes."""
    return {contract.classes.index(name): weight for name, weight in weights.items()}


def _parts(contract: Contract, parts: Mapping[str, Mapping[str, Any]], threads: int) -> dict[str, Any]:
    """Return the estimators of a stack, and the linear model that combines their predictions."""
    found = []
    for name, part in parts.items():
        own = 1 if part["algorithm"] == "random_forest" else threads  # its threads add in no fixed order
        found.append((name, _estimator(contract, part["algorithm"], part["hyperparameters"], own)))
    last = Ridge() if contract.task == "regression" else LogisticRegression(random_state=contract.seed)
    return {"estimators": found, "final_estimator": last}


def _features(contract: Contract, leave_out: Collection[str]) -> ColumnTransformer:
    used = [column for column in contract.encoded_columns if column.name not in leave_out]
    ordinals = [column for column in used if column.ordered]
    numbers = [column.name for column in used if column.type in ("integer", "number")]
    categories = [column.name for column in used if column.type == "category" and not column.ordered]
    steps = [
        ("numbers", _scaled(), numbers),
        ("categories", _one_hot(), categories),
        ("ordinals", make_pipeline(_ranks(ordinals), _scaled()), [column.name for column in ordinals]),
        *((f"text {column.name}", _words(contract.seed), column.name) for column in used if column.type == "text"),
        *engineered.steps(contract, [each for each in contract.engineered if each.name not in leave_out]),
    ]
    return ColumnTransformer([step for step in steps if step[2]])


def _scaled() -> Pipeline:
    return make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())


def _one_hot() -> Pipeline:
    impute = SimpleImputer(strategy="constant", fill_value="(missing)", missing_values=np.nan)
    return make_pipeline(impute, one_hot_encoder())


def _ranks(columns: Sequence[Column]) -> OrdinalEncoder:
    """Encode ordered categories as their ranks, from 0; NaN for missing ones."""
    categories = [np.array(column.categories, dtype=object) for column in columns]
    return OrdinalEncoder(categories=categories, handle_unknown="use_encoded_value", unknown_value=np.nan)


def _words(seed: int) -> Pipeline:
    """Encode the words of a text, and pairs of them, as TEXT_FEATURES numbers (TF-IDF, latent semantic analysis).

    They are from -1 to 1, and not scaled: a few different texts leave components of rounding errors only.
    """
    return make_pipeline(
        HashingVectorizer(n_features=HASHES, ngram_range=(1, 2), alternate_sign=False, norm=None),
        TfidfTransformer(sublinear_tf=True),
        TruncatedSVD(TEXT_FEATURES, random_state=seed),
    )
