"""Folds keep groups together, time in order, and the shares of classes."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tabular.columns import Column
from tabular.contract import Contract
from tabular.derived import Derived
from tabular.folds import FoldKeys, folds, partition, read_keys

CHANCE = np.random.default_rng(3)
CLASSES = (CHANCE.random(120) < 0.25).astype(int)
GROUPS = CHANCE.integers(0, 25, 120)
TIMES = CHANCE.integers(0, 40, 120)


@pytest.mark.parametrize("classes", [CLASSES, None])
def test_a_group_is_never_in_both_parts_of_a_fold_and_every_row_is_predicted_once(classes: np.ndarray | None) -> None:
    found = folds(FoldKeys("group", GROUPS), classes, 5, seed=1)
    assert len(found) == 5
    assert all(not set(GROUPS[fitted]) & set(GROUPS[predicted]) for fitted, predicted in found)
    assert sorted(np.concatenate([predicted for _, predicted in found])) == list(range(120))


def test_a_fold_by_time_is_predicted_from_the_rows_before_it_alone() -> None:
    found = folds(FoldKeys("time", TIMES), CLASSES, 4, seed=1)
    assert len(found) == 4
    for fitted, predicted in found:
        assert TIMES[fitted].max() < TIMES[predicted].min()
        assert len(fitted) + (TIMES[predicted].max() < TIMES).sum() + len(predicted) == 120
    assert [len(fitted) for fitted, _ in found] == sorted(len(fitted) for fitted, _ in found)


def test_a_partition_by_time_predicts_every_row_once_in_blocks_of_time() -> None:
    found = partition(FoldKeys("time", TIMES), CLASSES, 3, seed=1)
    assert sorted(np.concatenate([predicted for _, predicted in found])) == list(range(120))
    for (_, earlier), (_, later) in pairwise(found):
        assert TIMES[earlier].max() < TIMES[later].min()


def test_folds_at_random_have_each_class_in_its_share_and_depend_on_the_seed() -> None:
    keys = FoldKeys("random", np.zeros(120))
    found = folds(keys, CLASSES, 5, seed=1)
    assert {int(CLASSES[predicted].sum()) for _, predicted in found} <= {CLASSES.sum() // 5, CLASSES.sum() // 5 + 1}
    again, other = folds(keys, CLASSES, 5, seed=1), folds(keys, CLASSES, 5, seed=2)
    assert all(np.array_equal(one[1], two[1]) for one, two in zip(found, again, strict=True))
    assert not all(np.array_equal(one[1], two[1]) for one, two in zip(found, other, strict=True))
    assert len(folds(keys, None, 3, seed=1)) == 3


def test_too_few_times_are_refused() -> None:
    with pytest.raises(ValueError, match="expected 4 parts of rows at different times, found 2"):
        folds(FoldKeys("time", np.array([1] * 5 + [2] * 5)), None, 3, seed=1)


@pytest.fixture
def places(tmp_path: Path) -> list[Path]:
    """The folders of two parts with a school, a student of it, a day, and the target."""
    rows = pd.DataFrame(
        {
            "school": ["b", "a", "a", "b", "a", "b"],
            "student": [1, 1, 2, 1, 1, 2],
            "day": pd.to_datetime(["2026-01-03", "2026-01-01", "2026-01-02", "2026-01-03", "2026-01-05", "2026-01-04"]),
            "passed": ["no", "yes"] * 3,
        }
    )
    for name, part in (("train", rows[:4]), ("validation", rows[4:])):
        (tmp_path / name).mkdir()
        part.to_parquet(tmp_path / name / "data.parquet")
    return [tmp_path / "train", tmp_path / "validation"]


def columns(*features: Column, used: tuple[str, ...], derived: tuple[Derived, ...] = ()) -> dict[str, object]:
    """The columns of a group or time, as a job's settings have them."""
    terms = Contract("small", "binary", "passed", ("no", "yes"), "f1", features, 1, derived, used)
    return dict(json.loads(terms.json()))


def test_the_keys_of_both_parts_are_read_from_columns_that_the_model_does_not_have(places: list[Path]) -> None:
    school, student, day = Column("school", "category"), Column("student", "integer"), Column("day", "date")
    by_group = {"by": "group", "columns": columns(school, student, used=("school", "student"))}
    assert read_keys(by_group, places, 6).values.tolist() == [2, 0, 1, 2, 0, 3]
    by_time = {"by": "time", "columns": columns(day, used=("day",))}
    assert read_keys(by_time, places, 6).values.tolist() == [2, 0, 1, 2, 4, 3]
    assert read_keys(by_time, places[1:], 2).values.tolist() == [1, 0]


def test_a_group_may_be_a_derived_column(places: list[Path]) -> None:
    derived = (Derived(name="pair", expression="student - student % 2", type="number"),)
    settings = {"by": "group", "columns": columns(Column("student", "integer"), used=("pair",), derived=derived)}
    assert read_keys(settings, places, 6).values.tolist() == [0, 0, 1, 0, 0, 1]


def test_the_order_of_the_source_is_its_time_and_other_splits_have_no_keys(places: list[Path]) -> None:
    assert read_keys({"by": "order"}, places, 6).by == "time"
    assert read_keys({"by": "order"}, places, 6).values.tolist() == [0, 1, 2, 3, 4, 5]
    assert read_keys({}, places, 6).by == "random"
