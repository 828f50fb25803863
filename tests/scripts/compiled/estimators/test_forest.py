"""Random forests have the same bits as scikit-learn's."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from tabular.compiled.estimators import forest

ROWS = np.random.default_rng(2).normal(size=(300, 3)).astype("float32")
SCORE = ROWS @ np.array([1.0, -2.0, 0.5])
SETTINGS = {"n_estimators": 7, "random_state": 0, "n_jobs": 1}
MODELS = {
    "number": RandomForestRegressor(**SETTINGS).fit(ROWS, SCORE),
    "two classes": RandomForestClassifier(**SETTINGS).fit(ROWS, SCORE > 0),
    "three classes": RandomForestClassifier(**SETTINGS).fit(ROWS, np.digitize(SCORE, [-1, 1])),
    "stumps": RandomForestClassifier(**SETTINGS, max_depth=1).fit(ROWS, SCORE > 0),
    "no splits": RandomForestRegressor(**SETTINGS).fit(ROWS * 0, SCORE),
}


def output(model: Any, rows: np.ndarray) -> np.ndarray:
    return np.asarray(model.predict_proba(rows) if hasattr(model, "classes_") else model.predict(rows))


def loaded(model: Any, folder: Path) -> forest.Forest:
    return forest.Forest(forest.store(model, [ROWS], folder), folder)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_one_few_many_and_no_rows_are_predicted_as_by_scikit_learn(model: Any, tmp_path: Path) -> None:
    found, expected = loaded(model, tmp_path), output(model, ROWS)
    for count in (1, 2, 40, len(ROWS)):
        assert np.array_equal(found.predict(ROWS[:count]), expected[:count])
    assert found.predict(ROWS[:0]).shape == expected[:0].shape


def test_rows_at_and_beside_a_threshold_go_the_same_way(tmp_path: Path) -> None:
    four = np.float32(4)
    near = np.array([[four], [np.nextafter(four, np.float32(9))], [np.nextafter(four, np.float32(0))]] * 20)
    model = RandomForestRegressor(**SETTINGS).fit(near, [1.0, 2.0, 3.0] * 20)
    assert np.array_equal(loaded(model, tmp_path).predict(near), model.predict(near))
    assert len(set(model.predict(near))) == 3


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_contributions_and_the_bias_are_the_prediction_of_the_last_class(model: Any, tmp_path: Path) -> None:
    found = loaded(model, tmp_path)
    sums, expected = found.contributions(ROWS[:9]).sum(axis=-1), output(model, ROWS[:9])
    assert np.allclose(sums, expected[:, -1] if expected.shape[1:] == (2,) else expected, rtol=1e-12)


def test_a_split_adds_the_change_of_the_value_to_its_feature(tmp_path: Path) -> None:
    rows = np.array([[5, 0], [5, 1]], "float32")
    model = RandomForestRegressor(n_estimators=3, bootstrap=False, random_state=0).fit(rows, [10.0, 30.0])
    assert loaded(model, tmp_path).contributions(rows).tolist() == [[0, -10, 20], [0, 10, 20]]
