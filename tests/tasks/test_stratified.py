"""A stratified draw: scikit-learn's rows, in less memory."""

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from tasks.stratified import apportion, draw


@pytest.mark.parametrize("seed", range(25))
def test_the_rows_are_those_of_scikit_learn_in_its_order(seed: int) -> None:
    chance = np.random.default_rng(seed)
    classes, share = int(chance.integers(2, 6)), float(chance.choice([0.1, 0.2, 0.25, 0.3, 0.499]))
    strata = chance.integers(0, classes, int(chance.integers(60, 400))).astype("int16")
    expected = train_test_split(np.arange(len(strata)), test_size=share, random_state=seed, stratify=strata)
    assert [part.tolist() for part in draw(strata, share, seed)] == [part.tolist() for part in expected]


def test_ties_are_drawn_as_scikit_learn_draws_them() -> None:
    strata = np.repeat(np.arange(7), 10)
    for seed in range(20):
        expected = train_test_split(np.arange(70), test_size=0.33, random_state=seed, stratify=strata)
        assert [part.tolist() for part in draw(strata, 0.33, seed)] == [part.tolist() for part in expected]


def test_fewer_rows_than_classes_can_not_be_drawn() -> None:
    with pytest.raises(ValueError, match="at least a row of each class in 29 and 1 rows"):
        draw(np.arange(30) % 3, 0.02, 1)


def test_a_part_has_as_many_rows_as_asked_for() -> None:
    assert apportion(np.array([5, 3, 0, 2]), 7, np.random.RandomState(1)).sum() == 7
