"""XGBoost by NumPy and by the library's C API has the same bits as its Python package."""

import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from xgboost import DMatrix, XGBClassifier, XGBRegressor

from tabular.compiled.estimators import xgboost
from tabular.compiled.estimators.xgboost_library import LibraryBooster
from tabular.compiled.estimators.xgboost_trees import FewRows, few_rows
from tabular.compiled.files import write_arrays
from tabular.compiled.native import library
from tabular.compiled.unknown import Unknown

ROWS = np.random.default_rng(3).normal(size=(200, 3)).astype("float32")
SCORE = ROWS @ np.array([1.0, -2.0, 0.5])
SETTINGS: dict[str, Any] = {"n_estimators": 6, "max_depth": 3, "n_jobs": 1}
THREE = np.digitize(SCORE, [-1, 1])
MODELS = {
    "number": XGBRegressor(**SETTINGS).fit(ROWS, SCORE),
    "two classes": XGBClassifier(**SETTINGS).fit(ROWS, SCORE > 0),
    "three classes": XGBClassifier(**SETTINGS).fit(ROWS, THREE),
    "stumps": XGBClassifier(**{**SETTINGS, "max_depth": 1}).fit(ROWS, THREE),
    "no splits": XGBRegressor(**SETTINGS).fit(ROWS * 0, SCORE),
    "counts": XGBRegressor(**SETTINGS, objective="count:poisson").fit(ROWS, THREE),
    "dart": XGBRegressor(**SETTINGS, booster="dart").fit(ROWS, SCORE),
}
BY_LIBRARY = {"counts", "dart"}
"""The models whose few rows NumPy does not compute."""


def output(model: Any, rows: np.ndarray) -> np.ndarray:
    return model.predict_proba(rows) if isinstance(model, XGBClassifier) else model.predict(rows)


def loaded(model: Any, folder: Path) -> xgboost.Booster:
    return xgboost.Booster(xgboost.store(model, [ROWS], folder), folder)


@pytest.mark.parametrize("name", MODELS)
def test_one_few_many_and_no_rows_are_predicted_as_by_the_package(name: str, tmp_path: Path) -> None:
    found, expected = loaded(MODELS[name], tmp_path), output(MODELS[name], ROWS)
    many = np.repeat(ROWS, 20, axis=0)
    for rows, values in ((ROWS[:1], expected[:1]), (ROWS, expected), (many, np.repeat(expected, 20, axis=0))):
        assert np.array_equal(found.predict(rows).astype("float32"), values)
    assert found.predict(ROWS[:0]).shape == expected[:0].shape


@pytest.mark.parametrize("name", MODELS)
def test_rows_with_missing_cells_go_the_way_of_missing_values(name: str, tmp_path: Path) -> None:
    rows = ROWS[:4].copy()
    rows[0], rows[1, 1] = np.nan, np.nan
    found = loaded(MODELS[name], tmp_path).predict(rows)
    assert np.array_equal(found.astype("float32"), output(MODELS[name], rows))


@pytest.mark.parametrize("name", MODELS)
def test_numpys_trees_are_stored_only_for_boosters_that_it_computes(name: str, tmp_path: Path) -> None:
    content = xgboost.store(MODELS[name], [ROWS], tmp_path)
    assert (content["few_rows"] is None) == (name in BY_LIBRARY)
    assert len(list(tmp_path.glob("trees-*"))) == (name not in BY_LIBRARY)


def test_numpys_trees_are_left_out_where_their_bits_differ_from_the_librarys(tmp_path: Path) -> None:
    missing = np.full((1, 3), np.nan, "float32")  # NumPy does not know where missing values go
    assert xgboost.store(MODELS["number"], [missing], tmp_path)["few_rows"] is None
    assert not list(tmp_path.glob("trees-*"))


def test_a_model_that_stopped_early_predicts_with_its_best_iterations(tmp_path: Path) -> None:
    model = XGBClassifier(**{**SETTINGS, "n_estimators": 30}, early_stopping_rounds=3)
    model.fit(ROWS, THREE, eval_set=[(ROWS[::-1], THREE)], verbose=False)  # the more trees, the larger is the loss
    content = xgboost.store(model, [ROWS], tmp_path)
    assert content["iterations"] == model.best_iteration + 1 < len(model.get_booster().get_dump()) // 3
    assert content["few_rows"]
    found = xgboost.Booster(content, tmp_path)
    for rows in (ROWS[:1], np.repeat(ROWS, 20, axis=0)):
        assert np.array_equal(found.predict(rows).astype("float32"), output(model, rows))


def test_a_linear_booster_is_unknown(tmp_path: Path) -> None:
    model = XGBRegressor(booster="gblinear", n_estimators=1, n_jobs=1).fit(ROWS, SCORE)
    with pytest.raises(Unknown, match="the booster gblinear"):
        xgboost.store(model, [ROWS], tmp_path)


@pytest.mark.parametrize("name", ["number", "two classes", "three classes"])
def test_contributions_are_the_packages_shap_values(name: str, tmp_path: Path) -> None:
    expected = MODELS[name].get_booster().predict(DMatrix(ROWS), pred_contribs=True)
    assert np.array_equal(loaded(MODELS[name], tmp_path).contributions(ROWS).astype("float32"), expected)


def learner(**changes: Any) -> dict[str, Any]:
    """A booster of two trees: x1 < 0.5 gives -1, else 2; and a leaf of 0.25."""
    split = {"split_indices": [1, 0, 0], "split_conditions": [0.5, -1.0, 2.0], "left_children": [1, -1, -1]}
    leaf = {"split_indices": [0], "split_conditions": [0.25], "left_children": [-1], "right_children": [-1]}
    trees = [{**split, "right_children": [2, -1, -1], "categories": []}, {**leaf, "categories": []}]
    model = {"trees": trees, "tree_info": [0, 0], "iteration_indptr": [0, 1, 2]}
    parameters = {"num_class": "0", "base_score": "[5E-1]"}
    booster = {"name": "gbtree", "model": model}
    found = {"gradient_booster": booster, "learner_model_param": parameters, "objective": {"name": "binary:logistic"}}
    return {**found, **changes}


def few(content: dict[str, Any], iterations: int, folder: Path) -> FewRows:
    arrays = few_rows(content, iterations)
    assert arrays is not None
    return FewRows(folder / write_arrays(folder, "trees", arrays), content["objective"]["name"])


@pytest.mark.parametrize(("iterations", "added"), [(0, 0.25), (1, 0.0), (2, 0.25)])
def test_the_first_iterations_leaves_are_added_to_the_base(iterations: int, added: float, tmp_path: Path) -> None:
    rows = np.array([[9, 0.4], [9, 0.5]], "float32")
    expected = [1 / (1 + math.exp(-margin - added)) for margin in (-1, 2)]
    assert few(learner(), iterations, tmp_path).predict(rows)[:, 0] == pytest.approx(expected, rel=1e-6)
    number = learner(objective={"name": "reg:squarederror"})
    assert few(number, iterations, tmp_path).predict(rows).tolist() == [[-0.5 + added], [2.5 + added]]


def test_a_margin_beyond_the_exponential_is_a_probability_of_zero_or_one(tmp_path: Path) -> None:
    content = learner()
    content["gradient_booster"]["model"]["trees"][0]["split_conditions"][1:] = [-1e4, 1e4]
    found = few(content, 0, tmp_path)
    rows = np.array([[0, 0], [0, 1]], "float32")
    assert found.predict(rows)[:, 0] == pytest.approx([0, 1], abs=1e-30)
    assert found.predict(rows[:1])[0, 0] == found.predict(rows)[0, 0]


def test_boosters_with_categories_or_another_number_of_trees_for_a_class_are_left_to_the_library() -> None:
    assert few_rows(learner(objective={"name": "reg:gamma"}), 0) is None
    categorical, uneven, empty = learner(), learner(), learner()
    categorical["gradient_booster"]["model"]["trees"][0]["categories"] = [1]
    uneven["learner_model_param"]["num_class"] = "3"
    empty["gradient_booster"]["model"].update(trees=[], tree_info=[])
    assert [few_rows(each, 0) for each in (categorical, uneven, empty)] == [None] * 3


@pytest.fixture(scope="module")
def booster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("booster") / "estimator.ubj"
    MODELS["three classes"].get_booster().save_model(path)
    return path


@pytest.mark.parametrize("iterations", [0, 1, 4])
def test_the_library_predicts_with_the_first_iterations_by_any_number_of_threads(
    booster: Path, iterations: int
) -> None:
    found = LibraryBooster(booster, iterations)
    expected = MODELS["three classes"].predict_proba(ROWS, iteration_range=(0, iterations))
    assert np.array_equal(found.values(ROWS, 3), expected)
    found.use_threads(2)
    assert np.array_equal(found.values(ROWS, 3), expected)


def test_a_prediction_of_the_library_stays_after_the_next_one(booster: Path) -> None:
    found = LibraryBooster(booster, 0)
    values, parts = found.values(ROWS, 3), found.contributions(ROWS, 3)
    before = values.copy(), parts.copy()
    found.values(ROWS[::-1].copy(), 3), found.contributions(ROWS[::-1].copy(), 3)
    assert np.array_equal(values, before[0])
    assert np.array_equal(parts, before[1])


def test_what_the_library_refuses_is_an_error_with_its_message(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text(json.dumps({"version": [3, 0, 0]}))
    with pytest.raises(RuntimeError, match=r"^xgboost: "):
        LibraryBooster(tmp_path / "other.json", 0)


@pytest.fixture
def no_xgboost(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(sys.modules, "xgboost", None)
    library.cache_clear()
    yield
    library.cache_clear()


@pytest.mark.usefixtures("no_xgboost")
def test_an_absent_library_is_named(booster: Path) -> None:
    with pytest.raises(ValueError, match=r"estimator\.ubj: expected the library of the package xgboost, found none"):
        LibraryBooster(booster, 0)
