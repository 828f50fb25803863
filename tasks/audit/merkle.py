"""Merkle trees of RFC 6962, section 2.1: SHA-256, with other prefixes for leaves and nodes."""

import hashlib
from collections.abc import Sequence

SIZE = 32
"""The bytes of a hash."""
EMPTY = hashlib.sha256().digest()
"""The root of an empty tree."""


def leaf(entry: bytes) -> bytes:
    """Return the hash of an entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root of the tree with these hashes of entries."""
    level = list(leaves)
    while len(level) > 1:
        level = _parents(level)
    return level[0] if level else EMPTY


def inclusion(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the inclusion proof of one leaf: the hashes that lead from it to the root, the leaf's sibling first."""
    proof, level = [], list(leaves)
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            proof.append(level[sibling])
        level, index = _parents(level), index // 2
    return proof


def _parents(level: Sequence[bytes]) -> list[bytes]:
    """Hash pairs of subtrees. A last one without a partner goes up unchanged: its tree is not full."""
    pairs = [node(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
    return [*pairs, level[-1]] if len(level) % 2 else pairs
