"""What a pipeline learns from a column of categories: how many rows have each."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa

from tabular.collective import Ranks
from tabular.features import CONSTANT, EMPTY


@dataclass(frozen=True)
class CategorySummary:
    """A column of categories, in all rows of all ranks."""

    counts: Mapping[str, int]
    """The rows with each category that occurs, in the order of the texts."""
    missing: int

    @property
    def unusable(self) -> str | None:
        """EMPTY or CONSTANT, for a column without information."""
        if not self.counts:
            return EMPTY
        return CONSTANT if len(self.counts) == 1 and not self.missing else None


def summarize(ranks: Ranks, columns: Iterable[pa.Array]) -> CategorySummary:
    """Summarise the batches of this rank's column, with those of the others."""
    counts, missing = Counter[str](), 0
    for column in columns:
        missing += column.null_count
        for each in column.value_counts().to_pylist():
            if each["values"] is not None:
                counts[each["values"]] += each["counts"]
    every, lacking = Counter[str](), 0
    for part, without in ranks.gather((dict(counts), missing)):
        every.update(part)
        lacking += without
    return CategorySummary(dict(sorted(every.items())), lacking)
