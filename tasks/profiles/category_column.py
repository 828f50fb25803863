"""Profiles a column of categories."""

import pyarrow as pa
import pyarrow.compute as pc

from tasks.profiles.category_counts import CategoryCounter
from tasks.profiles.column_sketches import CategorySketches
from tasks.profiles.stored_profiles import CategoryProfile


class CategoryColumn:
    """Counts categories: each distinct value of a batch once, with its number of rows."""

    def __init__(self) -> None:
        self.count = self.missing = 0
        self.sketches = CategorySketches()
        self._exact = CategoryCounter()

    def add(self, values: pa.Array) -> None:
        """Count n values."""
        self.count += len(values)
        found = _value_counts(values)
        self.missing += len(values) - sum(rows for _, rows in found)
        self._exact.add(found)
        self.sketches.add(found)

    def merge(self, other: "CategoryColumn") -> None:
        """Count the values of another column too."""
        self.count += other.count
        self.missing += other.missing
        self._exact.merge(other._exact)
        self.sketches.merge(other.sketches)

    def summary(self) -> CategoryProfile:
        """Return the profile of the column."""
        exact = self._exact.counts()
        complete = self._exact.complete
        return CategoryProfile(
            count=self.count,
            missing=self.missing,
            distinct=len(exact) if complete else self.sketches.estimate,
            frequent=exact if complete else self.sketches.estimates,
            complete=complete,
            sample={} if complete else exact,
            buckets=() if complete else self._exact.buckets(),
        )


def _value_counts(values: pa.Array) -> list[tuple[str, int]]:
    """Return the rows of each value that is not null. A dictionary may have a value twice."""
    if pa.types.is_dictionary(values.type):
        found = pc.value_counts(values.indices.drop_null())
        texts = values.dictionary.take(found.field("values")).cast(pa.large_string())
    else:
        found = pc.value_counts(values.drop_null().cast(pa.large_string()))
        texts = found.field("values")
    counted = zip(texts.to_pylist(), found.field("counts").to_pylist(), strict=True)
    return [(text, rows) for text, rows in counted if text is not None]
