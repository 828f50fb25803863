"""The learning curve: nested parts of the training rows, by the split's kind, and what is measured on them."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import PredefinedSplit, learning_curve

from tabular import contract_frames
from tabular.folds import FoldKeys
from tabular.learning_curve import add_learning_curve, points, subsets
from tabular.model_files import LEARNING_CURVE_FILE
from tabular.pipelines import build_pipeline
from tabular.recipe import Recipe, Rows
from tests.scripts.models import contract, rows

SIZES = (0.05, 0.3, 0.6, 1.0)
COUNT = 80


def at_random(count: int = COUNT) -> FoldKeys:
    return FoldKeys("random", np.zeros(count))


def by_time() -> FoldKeys:
    return FoldKeys("time", np.arange(COUNT))


def taken(keys: FoldKeys, classes: np.ndarray | None = None, sizes: tuple[float, ...] = SIZES) -> list[set[int]]:
    return [set(places.tolist()) for places in subsets(keys, classes, sizes, seed=3)]


def test_each_subset_has_the_rows_of_the_smaller_ones_and_the_last_has_all_in_their_order() -> None:
    found = taken(at_random())
    assert [len(each) for each in found] == [4, 24, 48, 80]
    assert all(small < large for small, large in pairwise(found))
    assert found[0] != set(range(4)), "they are drawn at random"
    assert list(subsets(at_random(), None, SIZES, seed=3))[-1].tolist() == list(range(COUNT))


def test_every_subset_has_every_class_in_its_share() -> None:
    classes = np.array([0] * 60 + [1] * 18 + [2] * 2)
    for places in subsets(at_random(), classes, SIZES, seed=3):
        shares = np.bincount(classes[places], minlength=3)
        expected = np.array([60, 18, 2]) * len(places) / COUNT
        assert shares.min() >= 1
        assert (abs(shares - expected) <= 1.5).all()


def test_a_group_is_taken_whole() -> None:
    groups = np.arange(COUNT) % 9
    for each in taken(FoldKeys("group", groups)):
        inside = set(groups[sorted(each)].tolist())
        assert each == set(np.flatnonzero(np.isin(groups, sorted(inside))).tolist())


def test_the_earliest_rows_are_taken_first_and_those_of_one_time_together() -> None:
    times = np.repeat([3, 1, 2, 0], 20)
    assert taken(FoldKeys("time", times)) == [set(np.flatnonzero(times <= last).tolist()) for last in (0, 1, 2, 3)]
    assert [len(each) for each in taken(FoldKeys("time", times), sizes=(0.3, 0.4, 1.0))] == [40, 80]


def test_a_curve_is_that_of_scikit_learn_on_the_same_rows() -> None:
    terms = contract("ridge")
    train, validation = rows(terms, COUNT, seed=1), rows(terms, 40, seed=2)
    found = list(points(Recipe(terms, "ridge", {}, 1), Rows(train, by_time()), validation, (0.2, 0.5, 1.0), None))
    both = pd.concat([train, validation], ignore_index=True)
    sizes, fitted, held_out = learning_curve(
        build_pipeline(terms, "ridge", {}, 1),
        contract_frames.inputs(terms, both),
        contract_frames.outputs(terms, both),
        train_sizes=[0.2, 0.5, 1.0],
        cv=PredefinedSplit([-1] * COUNT + [0] * 40),
        scoring="r2",
    )
    assert [each[0] for each in found] == sizes.tolist() == [16, 40, 80]
    assert np.allclose([each[1] for each in found], fitted[:, 0], atol=1e-9)
    assert np.allclose([each[2] for each in found], held_out[:, 0], atol=1e-9)


def test_a_share_that_cannot_be_fitted_is_left_out_with_the_reason(capsys: pytest.CaptureFixture[str]) -> None:
    terms = contract("logistic_regression")
    frame = rows(terms, COUNT, seed=1).sort_values("passed", ignore_index=True)
    recipe = Recipe(terms, "logistic_regression", {}, 1)
    found = list(points(recipe, Rows(frame, by_time()), rows(terms, 40, seed=2), SIZES, None))
    assert [each[0] for each in found] == [48, 80]
    output = capsys.readouterr().out
    assert "Learning curve: 24 rows are left out: it needs rows of every class, found none of yes among 24" in output
    assert f"Learning curve: 80 rows: roc_auc {found[-1][1]:.4f}, held out {found[-1][2]:.4f}" in output
    parts = {"only": {"algorithm": "logistic_regression", "hyperparameters": {}}}
    stack = Recipe(terms, "stack", {"cv": 5, "of": parts}, 1)
    assert [each[0] for each in points(stack, Rows(frame, at_random()), frame, (0.05, 1.0), None)] == [80]
    assert "Learning curve: 4 rows are left out: " in capsys.readouterr().out


@pytest.mark.parametrize("asked", [{}, {"learning_curve": None}])
def test_without_the_setting_there_is_no_file(asked: dict[str, Any], tmp_path: Path) -> None:
    recipe = Recipe(contract("ridge"), "ridge", {}, 1)
    add_learning_curve(recipe, tmp_path, tmp_path, {"training": asked}, None, tmp_path)
    assert not (tmp_path / LEARNING_CURVE_FILE).exists()


def test_the_file_has_the_metric_of_each_number_of_rows(tmp_path: Path) -> None:
    terms = contract("ridge")
    for name, seed in (("train", 1), ("validation", 2)):
        (tmp_path / name).mkdir()
        rows(terms, COUNT, seed=seed).to_parquet(tmp_path / name / "data.parquet")
    settings = {"training": {"learning_curve": {"train_sizes": [0.5, 1.0]}}, "folds": {"by": "order", "columns": None}}
    places = tmp_path / "train", tmp_path / "validation"
    add_learning_curve(Recipe(terms, "ridge", {}, 1), *places, settings, None, tmp_path)
    found = json.loads((tmp_path / LEARNING_CURVE_FILE).read_text())
    assert (found["metric"], found["rows"]) == ("r2", [40, 80])
    first, held_out = rows(terms, COUNT, seed=1)[:40], rows(terms, COUNT, seed=2)
    model = build_pipeline(terms, "ridge", {}, 1)
    model.fit(contract_frames.inputs(terms, first), contract_frames.outputs(terms, first))
    expected = model.score(contract_frames.inputs(terms, held_out), contract_frames.outputs(terms, held_out))
    assert found["validation"][0] == pytest.approx(expected, abs=1e-9)
    assert len(found["train"]) == len(found["validation"]) == 2
