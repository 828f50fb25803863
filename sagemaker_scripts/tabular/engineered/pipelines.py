"""Builds the steps of engineered features, and gives target encodings their folds."""

from collections.abc import Sequence
from typing import Any

from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from tabular.contract import Contract
from tabular.engineered.target_encoding import TargetEncoding
from tabular.engineered.transformers import Bins, Counts, Keys
from tabular.engineered_features import Engineered
from tabular.folds import Fold
from tabular.one_hot import one_hot_encoder

TARGET_ENCODING = "target_encoding"


def steps(contract: Contract, features: Sequence[Engineered]) -> list[tuple[str, Pipeline, list[str]]]:
    """Return the transformers of a ColumnTransformer for these features of the contract.

    A transformer's name begins with the feature's kind; a feature's own name may have what scikit-learn refuses.
    """
    return [
        (f"{feature.kind} {number}", _step(contract, feature), list(feature.of))
        for number, feature in enumerate(features)
    ]


def _step(contract: Contract, feature: Engineered) -> Pipeline:
    if feature.kind == "bins":
        return make_pipeline(Bins(feature.count, feature.by, feature.edges), one_hot_encoder())
    if feature.kind == "interaction":
        return make_pipeline(Keys(), one_hot_encoder())
    if feature.kind == "count":
        return make_pipeline(Keys(), Counts(), StandardScaler())
    encoding = TargetEncoding(len(contract.classes), feature.smoothing or 0.0, contract.seed)
    return make_pipeline(Keys(), encoding, StandardScaler())


def set_folds(transformers: Sequence[tuple[str, Any, Any]], folds: Sequence[Fold] | None) -> None:
    """Set the folds of target encodings among the transformers of a ColumnTransformer; None clears them."""
    for name, step, _ in transformers:
        if name.split()[0] == TARGET_ENCODING:
            step["targetencoding"].set_params(folds=folds)
