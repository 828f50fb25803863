"""tests/scripts/test_recipe.py has what a whole candidate does."""

from pathlib import Path

import numpy as np
from sklearn.linear_model import Ridge
from xgboost import XGBRegressor

from tabular.early_stopping import FILE, end_at_best, read, write

ROWS = np.random.default_rng(1).normal(size=(60, 3))
TARGET = ROWS[:, 0] + np.random.default_rng(2).normal(size=60)


def test_what_was_chosen_is_read_as_it_was_written(tmp_path: Path) -> None:
    chosen = {"n_estimators": 12, "early_stopping_rounds": None}
    write(tmp_path, chosen)
    assert read(tmp_path) == chosen


def test_without_early_stopping_there_is_no_file(tmp_path: Path) -> None:
    write(tmp_path, {})
    assert not (tmp_path / FILE).exists()
    assert read(tmp_path) == {}


def test_xgboost_is_cut_at_its_best_iteration_and_cutting_again_changes_nothing() -> None:
    model = XGBRegressor(n_estimators=100, learning_rate=0.5, early_stopping_rounds=3, n_jobs=1)
    model.fit(ROWS[:40], TARGET[:40], eval_set=[(ROWS[40:], TARGET[40:])], verbose=False)
    before, best = model.predict(ROWS), int(model.best_iteration) + 1
    assert end_at_best(model) == {"n_estimators": best, "early_stopping_rounds": None}
    assert model.get_booster().num_boosted_rounds() == best < 100
    assert np.array_equal(model.predict(ROWS), before)
    assert end_at_best(model) == {}


def test_an_estimator_that_never_stops_early_chooses_nothing() -> None:
    assert end_at_best(Ridge().fit(ROWS, TARGET)) == {}
    assert end_at_best(XGBRegressor(n_estimators=2, n_jobs=1).fit(ROWS, TARGET)) == {}
