"""Filled trees lead every row to the leaf that the trees themselves lead it to."""

import numpy as np
import pytest

from tabular.compiled.complete_trees import MOST_LEAVES, CompleteTrees
from tabular.compiled.trees import Trees, joined

WIDTH = 7


def grown(chance: np.random.Generator, splits: int) -> dict[str, np.ndarray]:
    """A tree that splits a random leaf so many times."""
    left, right, leaves = [-1], [-1], [0]
    for _ in range(splits):
        leaf = leaves.pop(int(chance.integers(len(leaves))))
        left[leaf], right[leaf] = len(left), len(left) + 1
        leaves += [left[leaf], right[leaf]]
        left, right = [*left, -1, -1], [*right, -1, -1]
    count = len(left)
    return {
        "feature": chance.integers(0, WIDTH, count),
        "threshold": chance.normal(size=count).astype("float32"),
        "left": np.array(left),
        "right": np.array(right),
    }


def trees_of(*splits: int) -> Trees:
    chance = np.random.default_rng(3)
    arrays, _ = joined([grown(chance, each) for each in splits])
    return Trees.of(arrays)


@pytest.mark.parametrize("splits", [(1,), (0, 1), (5, 0, 12, 3), (8,) * 30])
@pytest.mark.parametrize("rows", [1, 2, 50])
def test_every_row_reaches_the_same_leaf_of_each_tree(splits: tuple[int, ...], rows: int) -> None:
    trees = trees_of(*splits)
    complete = CompleteTrees.of(trees)
    assert complete is not None
    encoded = np.random.default_rng(rows).normal(size=(rows, WIDTH)).astype("float32")
    encoded[0, :3] = (3e38, -3e38, np.nan_to_num(trees.threshold[0], posinf=0))  # beyond all thresholds, and at one
    assert np.array_equal(complete.nodes[complete.leaves(encoded)], trees.leaves(encoded))


def test_trees_without_a_split_and_too_deep_ones_are_not_filled() -> None:
    chain = trees_of(0, 0)
    assert CompleteTrees.of(chain) is None
    depth = MOST_LEAVES.bit_length() - 1  # at which one tree would be filled
    deep = Trees(chain.feature, chain.threshold, chain.left, chain.roots, depth)
    assert CompleteTrees.of(deep) is None


def test_no_rows_reach_no_leaf_and_infinite_cells_are_the_largest() -> None:
    complete = CompleteTrees.of(trees_of(5, 0, 12))
    assert complete is not None
    assert complete.leaves(np.empty((0, WIDTH), "float32")).shape == (0, 3)
    largest = np.full((2, WIDTH), [[3e38], [-3e38]], "float32")
    infinite = np.full((2, WIDTH), [[np.inf], [-np.inf]], "float32")
    assert np.array_equal(*(complete.nodes[complete.leaves(rows)] for rows in (largest, infinite)))
