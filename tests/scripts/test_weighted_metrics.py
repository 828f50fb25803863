"""A weight of k is a row that is there k times."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from tabular.weighted_metrics.classification import Classification, brier_scores, log_losses
from tabular.weighted_metrics.ranking import Ranking
from tabular.weighted_metrics.regression import Regression

RANDOM = np.random.default_rng(4)
WEIGHTS = RANDOM.integers(0, 4, (5, 60)).astype("uint8")


def once(rows: int) -> np.ndarray:
    return np.ones((1, rows), "uint8")


@pytest.mark.parametrize("classes", [2, 3])
def test_weights_of_classes_are_repeated_rows(classes: int) -> None:
    truth, output = RANDOM.integers(0, classes, 60), RANDOM.dirichlet(np.ones(classes), 60).round(1) + 0.01
    decided = output.argmax(axis=1)
    found = Classification(truth, output, decided, classes == 2).of(WEIGHTS)
    for number, times in enumerate(WEIGHTS):
        places = np.repeat(np.arange(60), times)
        expected = Classification(truth[places], output[places], decided[places], classes == 2).of(once(len(places)))
        assert {name: values[number] for name, values in found.items()} == pytest.approx(
            {name: values[0] for name, values in expected.items()}, rel=1e-12
        )


def test_weights_of_numbers_are_repeated_rows() -> None:
    truth = RANDOM.normal(100, 3, 60)
    output = truth + RANDOM.normal(0, 1, 60)
    found = Regression(truth, output).of(WEIGHTS)
    for number, times in enumerate(WEIGHTS):
        places = np.repeat(np.arange(60), times)
        expected = Regression(truth[places], output[places]).of(once(len(places)))
        assert {name: values[number] for name, values in found.items()} == pytest.approx(
            {name: values[0] for name, values in expected.items()}, rel=1e-9
        )


def test_areas_count_equal_probabilities_half_and_need_rows_of_both_kinds() -> None:
    probabilities, positive = RANDOM.integers(0, 5, 60) / 5, RANDOM.random(60) < 0.4
    ranking = Ranking.by(probabilities, positive)
    (roc,), (precise,) = ranking.areas(once(60))
    assert roc == pytest.approx(roc_auc_score(positive, probabilities))
    assert precise == pytest.approx(average_precision_score(positive, probabilities))
    without = np.where(positive, 0, 1).astype("uint8")[None]
    assert np.isnan(ranking.areas(without)).all()


def test_the_losses_of_rows_are_those_of_their_own_class() -> None:
    output = np.array([[0.2, 0.8], [0.9, 0.1]])
    assert log_losses(np.array([1, 1]), output) == pytest.approx(-np.log([0.8, 0.1]))
    assert brier_scores(np.array([1, 1]), output) == pytest.approx([0.04, 0.81])
    assert brier_scores(np.array([2]), np.array([[0.2, 0.3, 0.5]])) == pytest.approx([0.04 + 0.09 + 0.25])
