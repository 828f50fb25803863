"""Neural networks, against scikit-learn."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

from tabular.compiled.estimators import network
from tabular.compiled.unknown import Unknown

pytestmark = pytest.mark.filterwarnings(f"ignore::{ConvergenceWarning.__module__}.{ConvergenceWarning.__name__}")
ROWS = np.random.default_rng(1).normal(size=(40, 3))
SCORE = ROWS @ [1.0, -2.0, 0.5]
TARGETS = {"number": SCORE, "two classes": SCORE > 0, "three classes": np.digitize(SCORE, [-1, 1])}


def fitted(name: str, activation: str = "relu") -> Any:
    kind = MLPRegressor if name == "number" else MLPClassifier
    settings: dict[str, Any] = {"hidden_layer_sizes": (4, 3), "max_iter": 5, "random_state": 1}
    return kind(**settings, activation=activation).fit(ROWS, TARGETS[name])


def loaded(model: Any, folder: Path) -> network.Network:
    return network.Network(network.store(model, [ROWS], folder), folder)


@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "identity"])
@pytest.mark.parametrize("name", TARGETS)
def test_a_network_predicts_as_scikit_learn(name: str, activation: str, tmp_path: Path) -> None:
    model = fitted(name, activation)
    found, expected = loaded(model, tmp_path), model.predict if name == "number" else model.predict_proba
    for rows in (ROWS, ROWS[:1]):
        assert np.allclose(found.predict(rows), expected(rows), rtol=1e-12, atol=1e-15)
    assert found.predict(ROWS[:0]).shape == expected(ROWS)[:0].shape


@pytest.mark.parametrize("name", TARGETS)
def test_a_row_has_the_same_bits_alone_and_in_a_batch(name: str, tmp_path: Path) -> None:
    found = loaded(fitted(name), tmp_path)
    assert np.array_equal(np.concatenate([found.predict(ROWS[n : n + 1]) for n in range(40)]), found.predict(ROWS))


def test_an_activation_of_another_kind_is_not_compiled(tmp_path: Path) -> None:
    model = fitted("number").set_params(activation="softsign")
    with pytest.raises(Unknown, match="the activation 'softsign'"):
        network.store(model, [ROWS], tmp_path)


def test_a_network_has_no_contributions(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected a linear model or trees; found a neural network"):
        loaded(fitted("number"), tmp_path).contributions(ROWS)
