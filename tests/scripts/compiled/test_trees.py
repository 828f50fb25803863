"""Trees as arrays: the nodes and leaves of hand-made trees."""

import numpy as np
import pytest

from tabular.compiled.complete_trees import MOST_LEAVES, CompleteTrees
from tabular.compiled.trees import Trees, joined


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
ROWS = np.float32([[0, 0], [1, 0], [1, 5], [3e38, 3e38], [-3e38, 2]])
LEAVES = [[1, 2, 0], [4, 2, 0], [3, 1, 0], [3, 1, 0], [1, 1, 0]]
"""The leaf of each row of ROWS in DEEP, STUMP and SINGLE, as a number of the tree's own nodes."""


def leaves(rows: np.ndarray, *trees: dict[str, np.ndarray]) -> list[list[int]]:
    arrays, places = joined(trees)
    own = places - np.repeat(arrays["roots"], [len(each["feature"]) for each in trees])
    return own[Trees.of(arrays).leaves(rows)].tolist()


def test_a_row_below_the_threshold_goes_left_and_one_at_it_goes_right_in_each_tree() -> None:
    assert leaves(ROWS, DEEP, STUMP, SINGLE) == LEAVES


def test_one_row_and_none_have_the_leaves_that_they_have_among_others() -> None:
    assert [leaves(ROWS[row : row + 1], DEEP, STUMP, SINGLE)[0] for row in range(len(ROWS))] == LEAVES
    assert leaves(ROWS[:0], DEEP, STUMP) == []


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


def test_filled_trees_have_the_leaves_of_the_trees_for_one_row_several_and_none() -> None:
    arrays, _ = joined([DEEP, SINGLE, STUMP])
    trees = Trees.of(arrays)
    complete = CompleteTrees.of(trees)
    assert complete is not None
    for rows in (ROWS, ROWS[2:3], ROWS[:0]):
        assert np.array_equal(complete.nodes[complete.leaves(rows)], trees.leaves(rows))


def test_an_infinite_cell_stays_at_its_leaf_in_filled_trees() -> None:
    arrays, _ = joined([DEEP, STUMP])
    complete = CompleteTrees.of(Trees.of(arrays))
    assert complete is not None
    largest, infinite = np.float32([[3e38, 3e38], [3e38, -3e38]]), np.float32([[np.inf] * 2, [np.inf, -np.inf]])
    nodes = [complete.nodes[complete.leaves(rows)].tolist() for rows in (largest, infinite)]
    assert nodes[0] == nodes[1]


def chain(depth: int) -> dict[str, np.ndarray]:
    """A tree whose nodes have a leaf to the left and the next node to the right."""
    return tree(*[each for node in range(depth) for each in ((0, node, 2 * node + 1, 2 * node + 2), LEAF)], LEAF)


def test_trees_without_a_split_and_with_too_many_leaves_are_not_filled() -> None:
    deepest = MOST_LEAVES.bit_length() - 1
    trees = {depth: Trees.of(joined([chain(depth)])[0]) for depth in (0, 1, deepest, deepest + 1)}
    assert [depth for depth, each in trees.items() if CompleteTrees.of(each) is None] == [0, deepest + 1]
    assert CompleteTrees.of(Trees.of(joined([chain(deepest)] * 2)[0])) is None
