"""Estimated errors of a regression."""

from itertools import product

import numpy as np
import pytest

from tabular.metrics import score
from tasks.live_quality.residuals import Residuals, estimates


def test_the_expectation_is_that_of_every_residual_with_every_row() -> None:
    residuals, predicted = np.array([-2.0, 0.5, 1.0]), np.array([10.0, 20.0])
    held_out = Residuals.of(np.full(3, 15.0) + residuals, np.full(3, 15.0))
    found = estimates(predicted, held_out, draws=2)
    every = [np.array(each) for each in product(residuals, repeat=2)]
    assert found["mae"].value == pytest.approx(np.mean([np.abs(each).mean() for each in every]))
    assert found["rmse"].value ** 2 == pytest.approx(np.mean([np.square(each).mean() for each in every]))
    sizes = np.mean([np.abs(predicted + each).mean() for each in every])
    assert found["wape"].value == pytest.approx(found["mae"].value / sizes)
    variation = np.mean([np.square(predicted + each - (predicted + each).mean()).sum() for each in every])
    squares = np.mean([np.square(each).sum() for each in every])
    assert found["r2"].value == pytest.approx(1 - squares / variation)
    assert found["mape"].value == pytest.approx(np.mean(np.abs(residuals) / (15 + residuals)))


def test_true_values_below_zero_are_sized_by_their_distance_from_it() -> None:
    residuals, predicted = np.array([-3.0, 1.0, 2.0]), np.array([0.5, 2.0, -1.0])
    found = estimates(predicted, Residuals.of(residuals, np.zeros(3)), draws=2)
    sizes = np.abs(predicted[:, None] + residuals).mean()
    assert found["wape"].value == pytest.approx(np.abs(residuals).mean() / sizes)


def drawn(rows: int, centre: float, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """True values and predictions; the larger the prediction, the larger the error."""
    predicted = random.normal(centre, 1, rows)
    return predicted + random.normal(0, 1, rows) * np.exp(0.4 * predicted), predicted


def test_harder_rows_have_larger_expected_errors_and_the_truth_is_within_the_interval() -> None:
    random, names = np.random.default_rng(3), ("mae", "rmse", "r2")
    covered, errors, unchanged = [], [], []
    for _ in range(60):
        held_out, live = drawn(800, 0, random), drawn(300, 0.7, random)
        found = estimates(live[1], Residuals.of(*held_out), level=0.9, draws=60)
        measured, before = score("regression", *live), score("regression", *held_out)
        covered.append([found[name].covers(measured[name]) for name in names])
        errors.append([abs(found[name].value - measured[name]) for name in names])
        unchanged.append([abs(before[name] - measured[name]) for name in names])
    assert np.all(np.abs(np.mean(covered, axis=0) - 0.9) < 0.12)
    assert np.all(np.mean(errors, axis=0) < 0.6 * np.mean(unchanged, axis=0))


def test_mape_is_left_out_where_a_held_out_value_is_zero() -> None:
    held_out = Residuals.of(np.array([0.0, 1.0, 2.0]), np.array([0.5, 1.0, 1.5]))
    found = estimates(np.array([1.0, 2.0]), held_out, draws=5)
    assert "mape" not in found
    assert {"mae", "rmse", "wape"} <= found.keys()


def test_a_prediction_beyond_the_held_out_ones_is_as_hard_as_the_nearest() -> None:
    held_out = Residuals.of(*drawn(500, 0, np.random.default_rng(1)))
    far, farther = (estimates(np.full(3, value), held_out, draws=2)["mae"].value for value in (50.0, 5000.0))
    assert far == farther


def test_equal_predictions_make_one_bin() -> None:
    held_out = Residuals.of(np.arange(100.0), np.full(100, 3.0))
    assert len(held_out.normalized) == 1
    assert estimates(np.full(5, 3.0), held_out, draws=2)["mae"].value == pytest.approx(
        np.abs(np.arange(100) - 3).mean()
    )


def test_a_model_without_errors_is_estimated_without_errors() -> None:
    found = estimates(np.array([1.0, 2.0, 3.0]), Residuals.of(np.arange(50.0), np.arange(50.0)), draws=5)
    assert (found["mae"].value, found["mae"].high, found["r2"].value) == (0, 0, 1)
