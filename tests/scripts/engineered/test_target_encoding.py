"""Target encoding: the same as scikit-learn's, from other folds for training rows, and inside groups."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import TargetEncoder

from tabular.engineered.target_encoding import TargetEncoding, encoding_folds
from tabular.folds import FoldKeys

SEED = 3
TARGETS = {0: "continuous", 2: "binary", 3: "multiclass"}


def rows(classes: int, seed: int, count: int = 120) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    keys = random.choice(["p", "q", "r", "rare"], size=(count, 1), p=[0.5, 0.3, 0.19, 0.01]).astype(object)
    target = random.integers(classes, size=count) if classes else random.normal(size=count) * 1e6
    return keys, target


@pytest.mark.parametrize("classes", TARGETS)
@given(smoothing=st.sampled_from(["auto", 0.0]) | st.floats(0.001, 100), seed=st.integers(0, 10**6))
@settings(max_examples=10, deadline=None)
def test_values_are_those_of_scikit_learns_encoder_for_training_rows_and_for_others(
    classes: int, smoothing: float, seed: int
) -> None:
    keys, target = rows(classes, seed)
    theirs = TargetEncoder(target_type=TARGETS[classes], smooth=smoothing, cv=5, shuffle=True, random_state=SEED)
    ours = TargetEncoding(classes, smoothing, SEED)
    assert np.allclose(ours.fit_transform(keys, target), theirs.fit_transform(keys, target), rtol=1e-12)
    new = np.vstack([keys, [["unseen"]]]).astype(object)
    assert np.allclose(ours.transform(new), theirs.transform(new), rtol=1e-12)


def test_a_training_row_s_value_does_not_depend_on_its_own_target() -> None:
    keys, target = rows(0, seed=1)
    before = TargetEncoding(seed=SEED).fit_transform(keys, target)
    for place in (0, 7, 60):
        changed = target.copy()
        changed[place] = 1e9
        after = TargetEncoding(seed=SEED).fit_transform(keys, changed)
        assert after[place] == before[place]
        assert (after != before).any()


def test_a_training_row_s_value_does_not_depend_on_rows_of_its_group() -> None:
    keys, target = rows(0, seed=2)
    groups = np.arange(len(keys)) // 10
    folds = encoding_folds(FoldKeys("group", groups), None, SEED)
    before = TargetEncoding(seed=SEED, folds=folds).fit_transform(keys, target)
    after = TargetEncoding(seed=SEED, folds=folds).fit_transform(keys, np.where(groups == 4, 1e9, target))
    assert np.array_equal(after[groups == 4], before[groups == 4])
    assert (after != before).any()


def test_a_class_that_the_other_folds_lack_has_the_share_zero() -> None:
    keys, target = rows(2, seed=4, count=30)
    target = np.append(target, 2)
    keys = np.vstack([keys, [["p"]]]).astype(object)
    found = TargetEncoding(3, 0.0, SEED).fit_transform(keys, target)
    assert found.shape == (31, 3)
    assert found[-1, 2] == 0
    assert np.allclose(found.sum(axis=1), 1)


def test_few_groups_have_as_many_folds_and_one_group_is_refused() -> None:
    assert len(encoding_folds(FoldKeys("group", np.arange(60) % 3), None, SEED)) == 3
    with pytest.raises(ValueError, match="two groups"):
        encoding_folds(FoldKeys("group", np.zeros(60, dtype=int)), None, SEED)
