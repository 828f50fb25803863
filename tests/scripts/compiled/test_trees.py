"""Trees as arrays: the nodes and leaves of hand-made trees."""

import numpy as np
import pytest

from tabular.compiled.trees import EVERY, FIRST_LEVEL, Trees, joined


def tree(*nodes: tuple[int, float, int, int]) -> dict[str, np.ndarray]:
    """A tree of nodes: feature, threshold, left and right child."""
    feature, threshold, left, right = (np.array(values) for values in zip(*nodes, strict=True))
    return {"feature": feature, "threshold": threshold.astype("float32"), "left": left, "right": right}


LEAF = (-2, 7.0, -1, -1)
DEEP = tree((0, 1.0, 1, 2), LEAF, (1, 5.0, 4, 3), LEAF, LEAF)
"""Its leaves are the nodes 1 (x0 < 1), 4 (x1 < 5) and 3. The right child of node 2 is before the left one."""
STUMP = tree((1, 2.0, 2, 1), LEAF, LEAF)
"""Its leaves are the nodes 2 (x1 < 2) and 1."""
SINGLE = tree(LEAF)
LONG = tree(
    *(
        (level % 2, np.inf if level == 8 else 1 - level / 8, 2 * level + 2, 2 * level + 1) if inner else LEAF
        for level in range(10)
        for inner in (True, False)
    ),
    LEAF,
)
ROWS = np.array([[0, 0], [1, 0], [1, 5], [3e38, 3e38], [-3e38, 2]], "float32")
LEAVES = [[1, 2, 0], [4, 2, 0], [3, 1, 0], [3, 1, 0], [1, 1, 0]]
"""The leaf of each row of ROWS in DEEP, STUMP and SINGLE, as a number of the tree's own nodes."""


def leaves(rows: np.ndarray, *trees: dict[str, np.ndarray]) -> list[list[int]]:
    arrays, places = joined(trees)
    own = places - np.repeat(arrays["roots"], [len(each["feature"]) for each in trees])
    found: list[list[int]] = own[Trees.of(arrays).leaves(rows)].tolist()
    return found


def test_a_row_below_the_threshold_goes_left_and_one_at_it_goes_right_in_each_tree() -> None:
    assert leaves(ROWS, DEEP, STUMP, SINGLE) == LEAVES


def test_one_row_and_none_have_the_leaves_that_they_have_among_others() -> None:
    assert [leaves(ROWS[row : row + 1], DEEP, STUMP, SINGLE)[0] for row in range(len(ROWS))] == LEAVES
    assert leaves(ROWS[:0], DEEP, STUMP) == []


def test_one_tree_after_the_other_has_the_same_leaves() -> None:
    rows, (arrays, _) = np.random.default_rng(4).normal(size=(300, 2)).astype("float32"), joined([LONG, DEEP, SINGLE])
    trees = Trees.of(arrays)
    assert trees.depth > FIRST_LEVEL + EVERY
    found = np.column_stack(list(trees.leaves_by_tree(rows)))
    assert np.array_equal(found, trees.leaves(rows))
    assert len(np.unique(found[:, 0])) > FIRST_LEVEL + EVERY
    assert all(leaves.shape == (0,) for leaves in trees.leaves_by_tree(rows[:0]))


@pytest.mark.parametrize("count", [1, 5])
def test_trees_without_a_split_have_their_root_as_leaf(count: int) -> None:
    arrays, _ = joined([SINGLE] * count)
    assert arrays["depth"] == 0
    assert Trees.of(arrays).leaves(ROWS).tolist() == [list(range(count))] * len(ROWS)


def test_the_levels_go_from_the_roots_to_the_leaves_and_short_trees_stay_at_their_leaf() -> None:
    arrays, _ = joined([DEEP, STUMP])
    trees = Trees.of(arrays)
    levels = list(trees.levels(ROWS[2:3]))
    assert len(levels) == 1 + trees.depth == 3
    assert levels[0].tolist() == [arrays["roots"].tolist()]
    assert levels[1][0, 1] == levels[2][0, 1]
    assert levels[1][0, 0] != levels[2][0, 0]
    assert np.array_equal(levels[2], trees.leaves(ROWS[2:3]))
