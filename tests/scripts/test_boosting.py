"""What XGBoost does while it trains: it prints its metric for early stopping, and writes checkpoints to resume from."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost

from tabular.boosting import PLAIN, Boosting
from tabular.checkpoints import NAME, Checkpoints
from tabular.folds import FoldKeys
from tabular.recipe import Fitted, Recipe, Rows
from tests.scripts.models import contract, rows

SAMPLED = {"subsample": 0.7, "colsample_bytree": 0.7, "max_depth": 3}


def fit(boosting: Boosting = PLAIN, **hyperparameters: Any) -> Fitted:
    frame = rows(contract("xgboost"), 400, 1)
    frame["hours"] += np.random.default_rng(1).normal(0, 12, len(frame))
    recipe = Recipe(contract("xgboost"), "xgboost", {**SAMPLED, **hyperparameters}, 1, boosting)
    return recipe.fit(Rows(frame, FoldKeys("random", np.zeros(len(frame)))), rows(contract("xgboost"), 200, 5))


def raw(fitted: Fitted) -> bytes:
    return bytes(fitted.pipeline["model"].get_booster().save_raw())


def test_the_metric_of_every_tenth_round_but_the_last_is_printed_and_the_model_is_the_same(
    capsys: pytest.CaptureFixture[str],
) -> None:
    watched = fit(Boosting(report_every=10), n_estimators=30)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert all(line.startswith(f"validation:{contract('xgboost').primary}=0.") for line in lines)
    assert raw(watched) == raw(fit(n_estimators=30))
    assert watched.pipeline["model"].callbacks is None


def test_a_job_that_resumes_trains_the_same_model_and_only_the_rounds_that_lack(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = fit(Boosting(checkpoints=Checkpoints(tmp_path / "whole", 10)), n_estimators=30)
    assert [path.name for path in (tmp_path / "whole").iterdir()] == [f"{NAME}.20.ubj"]
    fit(Boosting(checkpoints=Checkpoints(tmp_path / "cut", 10)), n_estimators=20)
    (tmp_path / "cut" / f"{NAME}.20.ubj").write_bytes(b"half of a transfer")
    resumed = fit(Boosting(checkpoints=Checkpoints(tmp_path / "cut", 10)), n_estimators=30)
    assert "Resumes from a checkpoint: 10 of 30 rounds are trained" in capsys.readouterr().out
    assert raw(resumed) == raw(whole)
    model = resumed.pipeline["model"]
    assert (model.n_estimators, model.random_state) == (30, contract("xgboost").seed)
    assert model.get_booster().num_boosted_rounds() == 30


def splits(booster: xgboost.Booster) -> list[str]:
    """The conditions of the first tree."""
    return [line for line in booster.get_dump()[0].splitlines() if "leaf" not in line]


def test_each_part_samples_other_rows(tmp_path: Path) -> None:
    trees = fit(Boosting(checkpoints=Checkpoints(tmp_path, 1)), n_estimators=2, learning_rate=1e-6)
    first, second = (splits(trees.pipeline["model"].get_booster()[number]) for number in (0, 1))
    assert first
    assert first != second


def test_early_stopping_keeps_no_checkpoints(tmp_path: Path) -> None:
    fitted = fit(Boosting(checkpoints=Checkpoints(tmp_path, 1)), n_estimators=50, early_stopping_rounds=2)
    assert fitted.chosen["n_estimators"] < 50
    assert list(tmp_path.iterdir()) == []
