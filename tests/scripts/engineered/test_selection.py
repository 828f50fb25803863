"""Selection and reduction of encoded features: what each rule keeps, and one row by itself."""

from typing import Any

import numpy as np
import pytest
from sklearn.decomposition import PCA

from tabular.engineered.projection import project
from tabular.engineered.reduction import Reduction
from tabular.engineered.selection import Selection

ROWS = 400


def matrix(seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Six columns: a strong and a weak number, noise, a useful and a useless rare category, and a constant."""
    random = np.random.default_rng(seed)
    target = random.integers(2, size=ROWS)
    found = np.column_stack(
        [
            target * 3 + random.normal(size=ROWS),
            target * 0.8 + random.normal(size=ROWS),
            random.normal(size=ROWS),
            (target == 1) & (random.random(ROWS) < 0.5),
            np.arange(ROWS) == 3,
            np.full(ROWS, 0.25),
        ]
    )
    return found.astype("float64"), target


@pytest.mark.parametrize(
    ("rules", "kept"),
    [
        ({"variance": 0.0}, [0, 1, 2, 3, 4]),
        ({"variance": 0.01}, [0, 1, 2, 3]),
        ({"mutual_information": 2}, [0, 3]),
        ({"mutual_information": 99}, [0, 1, 2, 3, 4, 5]),
        ({"permutation": {"above": 0.01, "repeats": 3}}, [0, 1, 3]),
        ({"variance": 0.5, "mutual_information": 1}, [0]),
    ],
)
@pytest.mark.parametrize("classes", [2, 0])
def test_a_rule_keeps_what_tells_the_target(classes: int, rules: dict[str, Any], kept: list[int]) -> None:
    columns, target = matrix()
    if not classes and "permutation" in rules:
        kept = [0, 3]
    selection = Selection(classes, seed=1, **rules).fit(columns, target if classes else target.astype(float))
    assert selection.kept_.tolist() == kept
    assert np.array_equal(selection.transform(columns), columns[:, kept])


def test_the_same_rows_and_seed_keep_the_same_features() -> None:
    columns, target = matrix()
    rules: dict[str, Any] = {"mutual_information": 4, "permutation": {"above": 0.0, "repeats": 2}}
    first, second = (Selection(2, seed=5, **rules).fit(columns, target).kept_ for _ in range(2))
    assert np.array_equal(first, second)


def test_a_rule_that_keeps_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match=r"training.selection.variance: expected features .* found none of 6"):
        Selection(2, variance=99.0).fit(*matrix())


def test_components_are_those_of_scikit_learn_and_no_more_than_there_are_columns() -> None:
    columns, _ = matrix()
    assert np.allclose(Reduction(components=3).fit_transform(columns), PCA(3, svd_solver="full").fit_transform(columns))
    assert Reduction(components=99).fit(columns).components_.shape == (6, 6)
    assert len(Reduction(variance=0.9).fit(columns).components_) == PCA(0.9).fit(columns).n_components_


def test_a_row_has_the_same_components_alone_and_in_any_batch() -> None:
    random = np.random.default_rng(3)
    for width in (1, 7, 8, 130, 1025):
        rows, mean, components = (
            random.normal(size=(50, width)),
            random.normal(size=width),
            random.normal(size=(5, width)),
        )
        together = project(rows, mean, components)
        for size in (1, 3, 49):
            assert np.array_equal(project(np.asfortranarray(rows[:size]), mean, components), together[:size])
