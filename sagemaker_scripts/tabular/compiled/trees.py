"""Decision trees as arrays: all trees of a model go down by one level at a time."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

BLOCK = 1 << 17
"""The number of rows times trees that are computed together: their arrays stay in the processor's cache."""


@dataclass(frozen=True)
class Trees:
    """The nodes of all trees. A leaf is its own child."""

    feature: np.ndarray
    """(nodes,) the encoded feature that a node compares."""
    threshold: np.ndarray
    """(nodes,) 32-bit floats: a row goes to the left when its feature is below it."""
    children: np.ndarray
    """(2 · nodes,) the right and the left child of each node."""
    roots: np.ndarray
    """(trees,)"""
    depth: int

    @classmethod
    def of(cls, arrays: Mapping[str, np.ndarray]) -> "Trees":
        """Return the trees of `arrays`."""
        feature, threshold = arrays["feature"].astype(np.intp), arrays["threshold"]
        children = np.column_stack([arrays["right"], arrays["left"]]).ravel().astype(np.intp)
        return cls(feature, threshold, children, arrays["roots"].astype(np.intp), int(arrays["depth"]))

    def leaves(self, encoded: np.ndarray) -> np.ndarray:
        """Return the (n, trees) leaves of (n, encoded) rows of 32-bit floats without NaN."""
        nodes = self.roots
        if len(encoded) == 1:
            row = encoded[0]
            for _ in range(self.depth):
                left = row.take(self.feature.take(nodes)) < self.threshold.take(nodes)
                nodes = self.children.take(nodes * 2 + left)
            return nodes.reshape(1, -1)
        cells, first = encoded.reshape(-1), (np.arange(len(encoded)) * encoded.shape[1]).reshape(-1, 1)
        for _ in range(self.depth):
            left = cells.take(self.feature.take(nodes) + first) < self.threshold.take(nodes)
            nodes = self.children.take(nodes * 2 + left)
        return np.broadcast_to(nodes, (len(encoded), len(self.roots)))

    def paths(self, encoded: np.ndarray) -> "list[np.ndarray]":
        """Return the (n, trees) nodes of (n, encoded) rows at each level, from the roots to the leaves."""
        cells, first = encoded.reshape(-1), (np.arange(len(encoded)) * encoded.shape[1]).reshape(-1, 1)
        nodes = np.broadcast_to(self.roots, (len(encoded), len(self.roots)))
        found = [nodes]
        for _ in range(self.depth):
            left = cells.take(self.feature.take(nodes) + first) < self.threshold.take(nodes)
            nodes = self.children.take(nodes * 2 + left)
            found.append(nodes)
        return found


def joined(trees: "list[dict[str, np.ndarray]]") -> dict[str, np.ndarray]:
    """Return the arrays of all trees.

    Each tree has the (nodes,) arrays `feature`, `threshold`, `left` and `right`, in which a leaf has the child -1.
    """
    sizes = [len(tree["feature"]) for tree in trees]
    roots = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype("int32")
    own = np.arange(sum(sizes))
    left, right = (_children(trees, side, roots, own) for side in ("left", "right"))
    leaf = left == own
    feature = np.where(leaf, 0, np.concatenate([tree["feature"] for tree in trees]))
    return {
        "feature": feature.astype("int32"),
        "threshold": np.concatenate([tree["threshold"] for tree in trees]).astype("float32"),
        "left": left.astype("int32"),
        "right": right.astype("int32"),
        "roots": roots,
        "depth": np.array(_depth(left, right, roots)),
    }


def _children(trees: "list[dict[str, np.ndarray]]", side: str, roots: np.ndarray, own: np.ndarray) -> np.ndarray:
    shifted = [np.where(tree[side] < 0, -1, tree[side] + root) for tree, root in zip(trees, roots, strict=True)]
    children = np.concatenate(shifted)
    return np.where(children < 0, own, children)


def _depth(left: np.ndarray, right: np.ndarray, roots: np.ndarray) -> int:
    level, depth = roots, 0
    while len(level := level[left[level] != level]):
        level, depth = np.concatenate([left[level], right[level]]), depth + 1
    return depth
