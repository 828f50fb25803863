import re
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Ridge

from config.hyperparameter_clashes import clashes

ESTIMATORS: dict[str, Any] = {"ridge": Ridge, "random_forest": RandomForestRegressor}
FEATURES, TRUTH = np.arange(20.0).reshape(10, 2), np.arange(10.0)


@pytest.mark.parametrize(
    ("algorithm", "given", "message"),
    [
        ("random_forest", {"bootstrap": False, "oob_score": True}, "h.bootstrap: expected true when .*; found false"),
        (
            "random_forest",
            {"bootstrap": False, "max_samples": 0.5},
            "h.bootstrap: expected true when oob_score or max_samples is set",
        ),
        ("ridge", {"solver": "svd", "positive": True}, "h.solver: expected auto or lbfgs when .*; found 'svd'"),
        ("ridge", {"solver": "lbfgs"}, "h.positive: expected true when solver is lbfgs; found its default"),
    ],
)
def test_combinations_that_the_estimator_refuses_are_refused_earlier(
    algorithm: str, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError):  # in scikit-learn's own words
        ESTIMATORS[algorithm](**given).fit(FEATURES, TRUTH)
    (found,) = clashes(algorithm, given, "h")
    assert re.match(message, found)


@pytest.mark.parametrize(
    ("algorithm", "given"),
    [
        ("random_forest", {"bootstrap": True, "oob_score": True, "max_samples": 0.9}),
        ("random_forest", {"bootstrap": False}),
        ("ridge", {"solver": "lbfgs", "positive": True}),
        ("ridge", {"positive": True}),
        ("ridge", {"solver": "sag"}),
    ],
)
def test_valid_combinations_are_accepted(algorithm: str, given: dict[str, Any]) -> None:
    ESTIMATORS[algorithm](**given).fit(FEATURES, TRUTH)
    assert list(clashes(algorithm, given, "h")) == []
