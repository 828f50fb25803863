"""Linear models, against scikit-learn and by hand. The kinds of estimators."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from tabular.compiled.estimators import CLASSES, KINDS, linear
from tabular.pipelines import ESTIMATORS

ROWS = np.random.default_rng(1).normal(size=(40, 3))
SCORE = ROWS @ [1.0, -2.0, 0.5]
MODELS = {
    "number": Ridge().fit(ROWS, SCORE),
    "two classes": LogisticRegression().fit(ROWS, SCORE > 0),
    "three classes": LogisticRegression().fit(ROWS, np.digitize(SCORE, [-1, 1])),
}


def output(model: Any, rows: np.ndarray) -> np.ndarray:
    return np.asarray(model.predict_proba(rows) if hasattr(model, "classes_") else model.predict(rows))


def loaded(model: Any, folder: Path) -> linear.Linear:
    return linear.Linear(linear.store(model, [ROWS[:30], ROWS[30:]], folder), folder)


def test_each_estimator_of_the_pipelines_has_a_kind() -> None:
    assert {each.__name__ for each in ESTIMATORS.values()} == CLASSES.keys()
    assert set(CLASSES.values()) == KINDS.keys()


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_a_linear_model_predicts_as_scikit_learn(model: Any, tmp_path: Path) -> None:
    found = loaded(model, tmp_path)
    for rows in (ROWS, ROWS[:1]):
        assert np.allclose(found.predict(rows), output(model, rows), rtol=1e-12, atol=1e-15)
    assert found.predict(ROWS[:0]).shape == output(model, ROWS)[:0].shape


@pytest.mark.parametrize("model", [MODELS["two classes"], MODELS["three classes"]], ids=["two", "three"])
def test_probabilities_of_extreme_rows_are_zeros_and_ones(model: Any, tmp_path: Path) -> None:
    found = loaded(model, tmp_path).predict(ROWS[:5] * 1e6)
    assert found.tolist() == np.round(output(model, ROWS[:5] * 1e6)).tolist()


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_a_contribution_is_the_coefficient_times_the_distance_from_the_mean_training_row(
    model: Any, tmp_path: Path
) -> None:
    found, coefficients = loaded(model, tmp_path).contributions(ROWS[:7]), np.atleast_2d(model.coef_)
    expected = coefficients * (ROWS[:7, None] - ROWS.mean(axis=0))
    found = found.reshape(7, len(coefficients), 4)
    assert np.allclose(found[..., :3], expected)
    assert np.allclose(found.sum(axis=2), ROWS[:7] @ coefficients.T + model.intercept_)
