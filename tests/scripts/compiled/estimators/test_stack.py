"""Stacks, against scikit-learn."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import (
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    StackingRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.svm import LinearSVC

from tabular.compiled.estimators import stack
from tabular.compiled.unknown import Unknown

ROWS = np.random.default_rng(1).normal(size=(60, 3))
SCORE = ROWS @ [1.0, -2.0, 0.5]
TARGETS = {"number": SCORE, "two classes": SCORE > 0, "three classes": np.digitize(SCORE, [-1, 1])}
TREES = {"n_estimators": 3, "random_state": 1}


def fitted(name: str, passthrough: bool = False) -> Any:
    options: dict[str, Any] = {"cv": 2, "passthrough": passthrough}
    if name == "number":
        parts = [("linear", Ridge()), ("trees", RandomForestRegressor(**TREES))]
        return StackingRegressor(parts, Ridge(), **options).fit(ROWS, SCORE)
    parts = [("linear", LogisticRegression()), ("trees", RandomForestClassifier(**TREES))]
    return StackingClassifier(parts, LogisticRegression(), **options).fit(ROWS, TARGETS[name])


def loaded(model: Any, folder: Path) -> stack.Stack:
    return stack.Stack(stack.store(model, [ROWS[:30], ROWS[30:]], folder), folder)


@pytest.mark.parametrize("passthrough", [False, True], ids=["predictions", "and features"])
@pytest.mark.parametrize("name", TARGETS)
def test_a_stack_predicts_as_scikit_learn(name: str, passthrough: bool, tmp_path: Path) -> None:
    model = fitted(name, passthrough)
    found, expected = loaded(model, tmp_path), model.predict if name == "number" else model.predict_proba
    for rows in (ROWS, ROWS[:1]):
        assert np.allclose(found.predict(rows), expected(rows), rtol=1e-6)


@pytest.mark.parametrize(
    ("model", "found"),
    [
        (StackingRegressor([("trees", ExtraTreesRegressor(**TREES))], Ridge(), cv=2), "the part ExtraTreesRegressor"),
        (StackingRegressor([("linear", Ridge())], RandomForestRegressor(**TREES), cv=2), "the last model RandomForest"),
        (StackingClassifier([("line", LinearSVC())], LogisticRegression(), cv=2), "a stack by decision_function"),
    ],
)
def test_a_stack_with_another_part_or_last_model_is_not_compiled(model: Any, found: str, tmp_path: Path) -> None:
    target = TARGETS["two classes"] if isinstance(model, StackingClassifier) else SCORE
    with pytest.raises(Unknown, match=found):
        stack.store(model.fit(ROWS, target), [ROWS], tmp_path)


def test_a_stack_has_no_contributions(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected a linear model or trees; found a stack"):
        loaded(fitted("number"), tmp_path).contributions(ROWS)
