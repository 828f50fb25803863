"""Trees that are filled up to their full depth, so that a node's children need no look-up: for few rows."""

from dataclasses import dataclass

import numpy as np

from tabular.compiled.trees import Trees

MOST_LEAVES = 2**18
"""The most leaves of all filled trees. They take 20 bytes each."""


@dataclass(frozen=True)
class CompleteTrees:
    """Trees of one depth. In each level, the children of the node at place p are at 2p and 2p + 1."""

    levels: tuple[tuple[np.ndarray, np.ndarray], ...]
    """The (nodes,) encoded feature and threshold of each level's nodes, as in Trees."""
    lefts: np.ndarray
    """(trees,) the places of the roots' left children."""
    nodes: np.ndarray
    """(leaves,) the node of the original trees where each leaf is."""

    @classmethod
    def of(cls, trees: Trees) -> "CompleteTrees | None":
        """Fill trees. Returns None for trees without a split, and for trees with too many leaves."""
        count = len(trees.roots)
        if not trees.depth or count << trees.depth > MOST_LEAVES:
            return None
        levels, nodes = [], trees.roots
        for _ in range(trees.depth):
            levels.append((trees.feature[nodes], trees.threshold[nodes]))
            left = trees.left[nodes]
            nodes = np.column_stack([left, np.where(left == nodes, left, left + 1)]).ravel()
        return cls(tuple(levels), 2 * np.arange(count), nodes)

    def leaves(self, encoded: np.ndarray) -> np.ndarray:
        """Return the (n, trees) places of the leaves of (n, encoded) rows of 32-bit floats without NaN."""
        cells, several = encoded.reshape(-1), len(encoded) != 1
        rows = np.arange(0, encoded.size, encoded.shape[1])[:, None] if several else None
        (features, thresholds), *others = self.levels
        places = self.lefts + (cells.take(features if rows is None else features + rows) >= thresholds)
        for feature, threshold in others:
            features = feature.take(places)
            if rows is not None:
                features += rows
            right = cells.take(features) >= threshold.take(places)
            places += places
            places += right
        return places if several else places[None]
