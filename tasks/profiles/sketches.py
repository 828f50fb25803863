"""Profiles rows, record batch by record batch."""

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass

import pyarrow as pa

from tabular.columns import ColumnType
from tasks.profiles.category_column import CategoryColumn
from tasks.profiles.number_column import NumberColumn
from tasks.profiles.stored_profiles import Profile


@dataclass(frozen=True)
class Sketches:
    """The counts of n rows: of the requested columns only, without any row. They can be sent to another process."""

    rows: int
    columns: dict[str, NumberColumn | CategoryColumn]

    def to_bytes(self) -> bytes:
        """The profile in whylogs' own format."""
        from tasks.profiles import whylogs_views  # whylogs takes a second to import

        return whylogs_views.to_bytes(self.columns)

    def summary(self) -> Profile:
        """The profile as a JSON document, which can be read without whylogs."""
        return Profile(rows=self.rows, columns={name: column.summary() for name, column in self.columns.items()})

    def merged(self, others: "Iterable[Sketches]") -> "Sketches":
        """Return the sketches of these and the others' rows, of the same columns: all counts are as of one profile."""
        rows, columns = self.rows, deepcopy(self.columns)
        for other in others:
            rows += other.rows
            for name, column in columns.items():
                column.merge(other.columns[name])  # type: ignore[arg-type]
        return Sketches(rows, columns)


def profile(batches: Iterable[pa.RecordBatch], features: Mapping[str, ColumnType]) -> Sketches:
    """Profile the `features` of the rows in `batches`.

    A `category` is profiled by its texts, an `integer` or `number` by its values, a `text` by its lengths.

    Raises pyarrow.ArrowInvalid, or pyarrow.ArrowNotImplementedError, when a batch has values of other types.
    """
    rows, columns = 0, {name: COLUMNS[kind]() for name, kind in features.items()}
    for batch in batches:
        rows += batch.num_rows
        for name, column in columns.items():
            column.add(batch.column(name))
    return Sketches(rows, columns)


COLUMNS: dict[str, Callable[[], NumberColumn | CategoryColumn]] = {
    "integer": lambda: NumberColumn("integer"),
    "number": lambda: NumberColumn("number"),
    "text": lambda: NumberColumn("text"),
    "category": CategoryColumn,
}
"""The counter of each column type. Dates are not features."""
