"""Cross-validation: means over folds, with whatever is learnt from rows learnt inside the folds."""

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from tabular import contract_frames
from tabular.cross_validation import cross_validate
from tabular.folds import FoldKeys, folds
from tabular.pipelines import build_pipeline
from tabular.recipe import Recipe, Rows
from tests.scripts.models import contract, rows

TERMS = contract("logistic_regression")


def some_rows(count: int = 150, keys: FoldKeys | None = None) -> Rows:
    frame = rows(TERMS, count, seed=4)
    frame["hours"] += np.random.default_rng(4).normal(0, 15, count)
    return Rows(frame, keys or FoldKeys("random", np.zeros(count)))


def recipe(**hyperparameters: Any) -> Recipe:
    return Recipe(TERMS, "logistic_regression", hyperparameters, 1)


def test_the_mean_and_the_deviation_are_those_of_models_of_the_folds_alone(capsys: pytest.CaptureFixture[str]) -> None:
    given = some_rows()
    inputs, truth = contract_frames.inputs(TERMS, given.frame), contract_frames.outputs(TERMS, given.frame)
    areas = []
    for fitted, predicted in folds(given.keys, truth, 4, TERMS.seed):
        pipeline = build_pipeline(TERMS, "logistic_regression", {}, 1).fit(inputs.iloc[fitted], truth[fitted])
        areas.append(roc_auc_score(truth[predicted], pipeline.predict_proba(inputs.iloc[predicted])[:, 1]))
    found = cross_validate(recipe(), given, 4)
    assert found["cv:roc_auc"] == pytest.approx(np.mean(areas), abs=1e-12)
    assert found["cv_sd:roc_auc"] == pytest.approx(np.std(areas, ddof=1), abs=1e-12)
    assert f"cv:roc_auc={found['cv:roc_auc']:.6f};" in capsys.readouterr().out


def test_scaling_is_learnt_inside_each_fold() -> None:
    given = some_rows(60)
    given.frame.loc[0, "hours"] = 1e9  # it is in one fold only
    truth = contract_frames.outputs(TERMS, given.frame)
    seen: list[float] = []
    for fitted, _ in folds(given.keys, truth, 3, TERMS.seed):
        pipeline = recipe().fit(given.take(fitted)).pipeline
        seen.append(float(pipeline["features"].named_transformers_["numbers"]["standardscaler"].mean_[1]))
    assert min(seen) < 1e3 < 1e6 < max(seen)
    assert isinstance(pipeline[-1], LogisticRegression)


def test_the_threshold_decides_the_classes_of_the_folds() -> None:
    low, high = (cross_validate(recipe(), some_rows(), 3, threshold) for threshold in (0.01, 0.99))
    assert low["cv:recall"] > 0.95 > 0.3 > high["cv:recall"]
    assert low["cv:roc_auc"] == high["cv:roc_auc"]


def test_the_job_ends_with_the_reason_when_a_fold_lacks_a_class() -> None:
    frame = some_rows().frame.sort_values("passed", ignore_index=True)
    given = Rows(frame, FoldKeys("time", np.arange(len(frame))))
    with pytest.raises(SystemExit, match="fold 1: roc_auc is undefined: it needs rows of every class"):
        cross_validate(recipe(), given, 3)


def test_a_regression_is_cross_validated_by_its_errors() -> None:
    terms = contract("ridge")
    frame = rows(terms, 60, seed=4)
    found = cross_validate(Recipe(terms, "ridge", {}, 1), Rows(frame, FoldKeys("random", np.zeros(60))), 3)
    assert found["cv:r2"] > 0.9
    assert {"cv:rmse", "cv_sd:rmse", "cv:mae"} <= set(found)
