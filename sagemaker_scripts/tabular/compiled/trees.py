"""Decision trees as arrays: all trees of a model go down by one level at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

FIRST_LEVEL, EVERY = 4, 2
"""The level from which rows that have reached a leaf leave the others, and after how many levels again."""


@dataclass(frozen=True)
class Trees:
    """The nodes of all trees. The right child of a node follows its left child, and a leaf is its own left child."""

    feature: np.ndarray
    """(nodes,) the encoded feature that a node compares."""
    threshold: np.ndarray
    """(nodes,) 32-bit floats: a row goes to the left when its feature is below it. Infinite for a leaf."""
    left: np.ndarray
    """(nodes,)"""
    roots: np.ndarray
    """(trees,)"""
    depth: int

    @classmethod
    def of(cls, arrays: Mapping[str, np.ndarray]) -> "Trees":
        """Return the trees of `joined` arrays. Raises ValueError where a node leads back, or out of the arrays."""
        feature, left, roots = (arrays[name].astype(np.intp) for name in ("feature", "left", "roots"))
        _require_descending(feature, arrays["threshold"], left, roots, int(arrays["depth"]))
        return cls(feature, arrays["threshold"], left, roots, int(arrays["depth"]))

    def leaves(self, encoded: np.ndarray) -> np.ndarray:
        """Return the (n, trees) leaves of (n, encoded) rows of 32-bit floats that are finite."""
        *_, leaves = self.levels(encoded)
        return leaves

    def leaves_by_tree(self, encoded: np.ndarray) -> Iterator[np.ndarray]:
        """Yield the (n,) leaves of each tree, as `leaves`. It is faster for many rows.

        The nodes of one tree stay in the processor's cache, and rows with a short path do not go down to the depth.
        """
        cells, first = encoded.reshape(-1), np.arange(len(encoded)) * encoded.shape[1]
        for root in self.roots:
            yield self._leaves_of(root, cells, first)

    def _leaves_of(self, root: int, cells: np.ndarray, first: np.ndarray) -> np.ndarray:
        """Return the (n,) leaves of a tree. `first` has the (n,) places of the rows in `cells`."""
        found, rows, nodes = np.empty_like(first), np.arange(len(first)), np.full_like(first, root)
        for level in range(self.depth):
            left = self.left.take(nodes)
            if level >= FIRST_LEVEL and not (level - FIRST_LEVEL) % EVERY:
                found[rows] = nodes
                inner = np.flatnonzero(left != nodes)
                rows, first, nodes, left = (each.take(inner) for each in (rows, first, nodes, left))
            features = self.feature.take(nodes)
            features += first
            nodes = left + (cells.take(features) >= self.threshold.take(nodes))
        found[rows] = nodes
        return found

    def levels(self, encoded: np.ndarray) -> Iterator[np.ndarray]:
        """Yield the (n, trees) nodes of (n, encoded) rows from the roots down. The last are leaves."""
        cells, first = encoded.reshape(-1), (np.arange(len(encoded)) * encoded.shape[1]).reshape(-1, 1)
        nodes = np.repeat(self.roots[None], len(encoded), axis=0)
        yield nodes
        for _ in range(self.depth):
            features = self.feature.take(nodes)
            right = cells.take(features if len(encoded) == 1 else features + first) >= self.threshold.take(nodes)
            nodes = self.left.take(nodes) + right
            yield nodes


def _require_descending(
    feature: np.ndarray, threshold: np.ndarray, left: np.ndarray, roots: np.ndarray, depth: int
) -> None:
    nodes = np.arange(len(left))
    if len(feature) != len(nodes) or len(threshold) != len(nodes) or not 0 <= depth <= len(nodes):
        raise ValueError(f"trees: expected {len(nodes)} features and thresholds, and at most as many levels")
    leaf = left == nodes
    right = left + ~leaf
    if (left < nodes).any() or (right >= len(nodes)).any() or (feature < 0).any() or not np.isin(roots, nodes).all():
        raise ValueError("trees: expected each node before its children, and all of them in the arrays")
    if not (threshold[leaf] == np.inf).all():
        raise ValueError("trees: expected infinite thresholds of leaves")


def joined(trees: Sequence[Mapping[str, np.ndarray]]) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return the arrays of all trees, and the (nodes,) place of each node among the trees' own.

    Each tree has the (nodes,) arrays `feature`, `threshold`, `left` and `right`, in which a leaf has the child -1.
    """
    sizes = [len(tree["feature"]) for tree in trees]
    roots = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype("int32")
    orders, lefts, depths = zip(*(_by_level(tree["left"], tree["right"]) for tree in trees), strict=True)
    places = np.concatenate([order + root for order, root in zip(orders, roots, strict=True)])
    left = np.concatenate([left + root for left, root in zip(lefts, roots, strict=True)])
    leaf = left == np.arange(len(left))
    feature, threshold = (np.concatenate([tree[name] for tree in trees])[places] for name in ("feature", "threshold"))
    arrays = {
        "feature": np.where(leaf, 0, feature).astype("int32"),
        "threshold": np.where(leaf, np.inf, threshold).astype("float32"),
        "left": left.astype("int32"),
        "roots": roots,
        "depth": np.array(max(depths)),
    }
    return arrays, places


def _by_level(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Return a tree's nodes level by level, the (nodes,) left children in that order, and the depth."""
    levels = [np.zeros(1, dtype=np.intp)]
    while len(inner := levels[-1][left[levels[-1]] >= 0]):
        levels.append(np.column_stack([left[inner], right[inner]]).ravel())
    order = np.concatenate(levels)
    children, has_children = np.arange(len(order)), left[order] >= 0
    children[has_children] = 1 + 2 * np.arange(has_children.sum())
    return order, children, len(levels) - 1
