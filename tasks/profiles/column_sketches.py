"""whylogs' sketches of a column, without whylogs: they are imported in milliseconds, whylogs in a second."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import whylogs_sketching as sketching

# The sizes of whylogs 1.6
HLL_LG_K, KLL_K, FREQUENT_LG_MAX_K, LONGEST_FREQUENT = 12, 1024, 10, 128

# The first array makes the library import numpy under a lock of its own. Threads that do that at once wait for ever.
sketching.kll_doubles_sketch(KLL_K).update(np.zeros(1))
sketching.hll_sketch(HLL_LG_K).update_np(np.zeros(1))


class NumberSketches:
    """Distinct numbers (HyperLogLog), and their distribution (KLL)."""

    def __init__(self) -> None:
        self.distinct = sketching.hll_sketch(HLL_LG_K)
        self.distribution = sketching.kll_doubles_sketch(KLL_K)

    def add(self, ordered: np.ndarray, distinct: np.ndarray) -> None:
        """Add n ascending numbers, and the distinct ones of them. KLL takes ascending numbers three times as fast."""
        self.distribution.update(ordered)
        self.distinct.update_np(distinct)

    def merge(self, other: "NumberSketches") -> None:
        """Add the numbers of other sketches."""
        self.distinct = _union(self.distinct, other.distinct)
        self.distribution.merge(other.distribution)

    @property
    def estimate(self) -> int:
        """The estimated number of distinct numbers."""
        return _estimate(self.distinct)

    def __getstate__(self) -> tuple[bytes, bytes]:
        return self.distinct.serialize_compact(), self.distribution.serialize()

    def __setstate__(self, state: tuple[bytes, bytes]) -> None:
        self.distinct = sketching.hll_sketch.deserialize(state[0])
        self.distribution = sketching.kll_doubles_sketch.deserialize(state[1])


class CategorySketches:
    """Distinct texts (HyperLogLog), and the frequent ones of them."""

    def __init__(self) -> None:
        self.distinct = sketching.hll_sketch(HLL_LG_K)
        self.frequent = sketching.frequent_strings_sketch(lg_max_k=FREQUENT_LG_MAX_K)

    def add(self, counts: Sequence[tuple[str, int]]) -> None:
        """Add the numbers of rows of some texts."""
        self.distinct.update_str_list([text for text, _ in counts])
        for text, rows in counts:
            self.frequent.update(text[:LONGEST_FREQUENT], rows)

    def merge(self, other: "CategorySketches") -> None:
        """Add the texts of other sketches."""
        self.distinct = _union(self.distinct, other.distinct)
        self.frequent.merge(other.frequent)

    @property
    def estimate(self) -> int:
        """The estimated number of distinct texts."""
        return _estimate(self.distinct)

    @property
    def estimates(self) -> dict[str, int]:
        """The estimated number of rows of the most frequent texts, most frequent first."""
        if self.frequent.is_empty():
            return {}
        certain = sketching.frequent_items_error_type.NO_FALSE_POSITIVES
        return {text: int(rows) for text, rows, *_ in self.frequent.get_frequent_items(certain)}

    def __getstate__(self) -> tuple[bytes, bytes]:
        return self.distinct.serialize_compact(), self.frequent.serialize()

    def __setstate__(self, state: tuple[bytes, bytes]) -> None:
        self.distinct = sketching.hll_sketch.deserialize(state[0])
        self.frequent = sketching.frequent_strings_sketch.deserialize(state[1])


def _union(one: Any, other: Any) -> Any:
    union = sketching.hll_union(HLL_LG_K)
    union.update(one)
    union.update(other)
    return union.get_result(one.tgt_type)


def _estimate(distinct: Any) -> int:
    """Return the estimate of a union with itself: a sketch's own estimate depends on the order of its values."""
    estimate: float = _union(distinct, distinct).get_estimate()
    return round(estimate)
