import json
import warnings
from typing import Any

import numpy as np
import pytest
from xgboost import XGBClassifier, XGBRegressor
from xgboost.core import XGBoostError

from config.hyperparameter_table import OBJECTIVES, XGBOOST, build
from config.hyperparameters import PATH

ROWS = np.arange(24, dtype=float).reshape(12, 2)
CLASSES = np.arange(12) % 2
BEYOND = {"minimum": -1, "maximum": 1}
"""The distance of a value outside of a bound."""


def test_the_table_matches_the_installed_estimators() -> None:
    expected = json.loads(json.dumps(build()))
    assert json.loads(PATH.read_text()) == expected, "Build it again: python -m config.hyperparameter_table"


def fit(classes: bool, **hyperparameters: Any) -> None:
    estimator = XGBClassifier if classes else XGBRegressor
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = estimator(**{"n_estimators": 2, "n_jobs": 1, **hyperparameters})
        target = CLASSES if classes else CLASSES + 1.0
        model.fit(ROWS, target, eval_set=[(ROWS, target)], verbose=False)  # early_stopping_rounds needs one


def inside(limits: dict[str, Any]) -> list[Any]:
    if "enum" in limits:
        return [name for name in limits["enum"] if name != "multi_output_tree"]  # of several targets
    edges = [limits[name] for name in ("minimum", "maximum") if name in limits]
    return [*edges, *([] if "minimum" in limits else [0.5])]


@pytest.mark.parametrize("name", sorted(set(XGBOOST) - {"verbosity"}))  # which is the whole process's
def test_xgboost_accepts_the_values_of_the_table(name: str) -> None:
    for value in inside(XGBOOST[name]):
        fit(classes=True, **{name: value})


@pytest.mark.parametrize("classes", [True, False])
def test_every_objective_of_the_table_gives_predictions(classes: bool) -> None:
    for objective in OBJECTIVES[classes]:
        fit(classes, objective=objective)


@pytest.mark.parametrize("name", ["subsample", "colsample_bytree", "learning_rate", "max_depth", "reg_lambda", "gamma"])
def test_xgboost_refuses_values_outside_of_the_table(name: str) -> None:
    for bound, step in BEYOND.items():
        if bound in XGBOOST[name]:
            with pytest.raises((XGBoostError, ValueError)):
                fit(classes=True, **{name: XGBOOST[name][bound] + step})
