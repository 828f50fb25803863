"""Exact counts of categories that do not depend on the order or the batches of the rows, in bounded memory.

Of many distinct values, the LIMIT values with the smallest hashes are counted, each from its first row: a sample of the
values that is the same wherever the value occurs (bottom-k sampling, Cohen and Kaplan 2007). All rows are also counted
in BUCKETS buckets by the hash of their value.
"""

import heapq
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import blake2b

import numpy as np

LIMIT = 2_000
"""The most values that are counted."""
BUCKETS = 1_024
LONGEST = 128
"""A longer value is named by its first characters and its hash."""


def name_of(value: str) -> str:
    """Return the name under which a value is counted: the value, unless it is longer than LONGEST characters."""
    return value if len(value) <= LONGEST else f"{value[: LONGEST - 17]}…{hash_of(value):016x}"


@lru_cache(maxsize=65_536)
def hash_of(name: str) -> int:
    """Return a hash of 64 bits that is the same on each machine (BLAKE2b, little-endian)."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little")


def by_frequency(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the numbers of rows by value, most frequent first."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def bucket_rows(counts: Mapping[str, int]) -> np.ndarray:
    """Return the rows of some values by the value's hash modulo BUCKETS: (BUCKETS,)."""
    found = np.zeros(BUCKETS, np.int64)
    for name, rows in counts.items():
        found[hash_of(name) % BUCKETS] += rows
    return found


class CategoryCounter:
    """Counts categories."""

    def __init__(self) -> None:
        self.complete = True
        """Whether each value is counted."""
        self._counts: dict[str, int] = {}
        self._hashes: dict[str, int] = {}
        self._largest = 1 << 64
        self._buckets = np.zeros(BUCKETS, np.int64)

    def add(self, counts: Iterable[tuple[str, int]]) -> None:
        """Add the numbers of rows of some values."""
        for value, rows in counts:
            name = name_of(value)
            found = self._hashes.get(name)
            hashed = hash_of(name) if found is None else found
            self._buckets[hashed % BUCKETS] += rows
            if hashed < self._largest:
                self._hashes[name] = hashed
                self._counts[name] = self._counts.get(name, 0) + rows
        if len(self._counts) > 4 * LIMIT:
            self._drop()

    def merge(self, other: "CategoryCounter") -> None:
        """Count the values of another counter: the result is as if one counter had counted all."""
        self._buckets += other._buckets
        self.complete &= other.complete
        self._largest = min(self._largest, other._largest)
        for name, rows in other._counts.items():
            self._hashes[name] = other._hashes[name]
            self._counts[name] = self._counts.get(name, 0) + rows
        self._hashes = {name: hashed for name, hashed in self._hashes.items() if hashed < self._largest}
        self._counts = {name: self._counts[name] for name in self._hashes}
        if len(self._counts) > 4 * LIMIT:
            self._drop()

    def counts(self) -> dict[str, int]:
        """Return the number of rows by value, most frequent first: of all values, or of a sample of LIMIT values."""
        if len(self._counts) > LIMIT:
            self._drop()
        return by_frequency(self._counts)

    def buckets(self) -> tuple[int, ...]:
        """Return the number of rows by hash modulo BUCKETS."""
        return tuple(self._buckets.tolist())

    def _drop(self) -> None:
        """Keep the values with the smallest hashes."""
        self.complete = False
        self._hashes = dict(heapq.nsmallest(LIMIT, self._hashes.items(), key=lambda item: item[1]))
        self._counts = {name: self._counts[name] for name in self._hashes}
        self._largest = max(self._hashes.values()) + 1
