"""Prediction sets and intervals, beside those of crepes and MAPIE."""

import numpy as np
import pytest
from crepes import ConformalClassifier, ConformalRegressor
from mapie.regression import SplitConformalRegressor
from sklearn.linear_model import LinearRegression

from tabular.calibration.conformal import bounds, fit, quantile, sets
from tests.scripts.evidence.answers import a_contract, answers


@pytest.mark.parametrize("coverage", [0.5, 0.8, 0.9, 0.95])
@pytest.mark.parametrize("rows", [22, 102, 600])  # (rows + 1) · coverage is no whole number, where crepes rounds
def test_intervals_are_those_of_crepes_and_mapie(rows: int, coverage: float) -> None:
    truth, output = answers("regression", rows, seed=1)
    _, others = answers("regression", 50, seed=2)
    ours = np.stack(bounds(fit(a_contract("regression"), truth, output, coverage), others), axis=1)
    theirs = ConformalRegressor().fit(truth - output).predict_int(others, confidence=coverage)
    assert np.allclose(ours, theirs)
    identity = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
    mapie = SplitConformalRegressor(identity, confidence_level=coverage).conformalize(output[:, None], truth)
    assert np.allclose(ours, mapie.predict_interval(others[:, None])[1][:, :, 0])


@pytest.mark.parametrize("task", ["binary", "multiclass"])
@pytest.mark.parametrize("coverage", [0.8, 0.9])
def test_sets_are_those_of_crepes_for_each_class_with_the_most_probable_one(task: str, coverage: float) -> None:
    truth, output = answers(task, 600, seed=3)
    kept = np.concatenate([np.flatnonzero(truth == number)[:97] for number in range(output.shape[1])])
    truth, output = truth[kept], output[kept]
    _, others = answers(task, 200, seed=4)
    theirs = np.zeros(others.shape, dtype=bool)
    for number in range(others.shape[1]):
        one = ConformalClassifier().fit(1 - output[truth == number, number])
        theirs[:, number] = one.predict_set(1 - others[:, [number]], confidence=coverage, smoothing=False)[:, 0]
    theirs[np.arange(200), others.argmax(axis=1)] = True
    assert np.array_equal(sets(fit(a_contract(task), truth, output, coverage), others, others.argmax(axis=1)), theirs)


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_every_class_is_covered_on_other_rows(task: str) -> None:
    truth, output = answers(task, 4_000, seed=5)
    found = sets(fit(a_contract(task), truth, output, 0.9), output, output.argmax(axis=1))
    more, others = answers(task, 4_000, seed=6)
    held = sets(fit(a_contract(task), truth, output, 0.9), others, others.argmax(axis=1))
    for number in range(output.shape[1]):
        assert found[truth == number, number].mean() >= 0.9
        assert held[more == number, number].mean() == pytest.approx(0.9, abs=0.03)
    assert held.any(axis=1).all()


def test_the_quantile_is_that_of_one_more_row_and_too_few_rows_have_none() -> None:
    assert quantile(np.arange(1.0, 10.0), 0.9) == 9.0
    assert quantile(np.arange(1.0, 9.0), 0.9) is None
    assert [quantile(np.arange(1.0, n + 1), 0.9) for n in (19, 29, 99)] == [18.0, 27.0, 90.0]
    assert quantile(np.zeros(0), 0.5) is None


def test_with_too_few_rows_an_interval_has_no_bounds_and_a_class_is_in_every_set() -> None:
    truth, output = answers("regression", 5, seed=7)
    low, high = bounds(fit(a_contract("regression"), truth, output, 0.9), output)
    assert np.isneginf(low).all()
    assert np.isposinf(high).all()
    truth, output = answers("binary", 40, seed=8)
    few = np.append(np.flatnonzero(truth == 0), np.flatnonzero(truth == 1)[:3])
    fitted = fit(a_contract(), truth[few], output[few], 0.9)
    assert fitted["thresholds"][1] is None
    assert sets(fitted, output, output.argmax(axis=1))[:, 1].all()
