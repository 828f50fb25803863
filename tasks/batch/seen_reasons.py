"""Counts the reasons of quarantined rows, and keeps the first ones."""

from collections import Counter
from collections.abc import Mapping, Sequence

import pyarrow as pa

from tasks.model_contract import FILE, LINE
from tasks.rows.input_rows import INPUT_ROW
from tasks.rows.quarantine import REASONS
from tasks.rows.reasons import place

SHOWN = 5


class SeenReasons:
    """The reasons of the rows so far."""

    def __init__(self, first: Sequence[str] = (), by_column: Mapping[str, int] | None = None) -> None:
        self._first = list(first)
        self.by_column = Counter(by_column or {})
        """The number of rows by the column of a reason."""

    @property
    def first(self) -> tuple[str, ...]:
        """The first reasons, each with its line or row."""
        return tuple(self._first[:SHOWN])

    def add(self, rows: pa.RecordBatch) -> None:
        """Count n rows in the schema of the quarantine."""
        found = rows.select([INPUT_ROW, LINE, FILE, REASONS])
        for row, line, file, reasons in zip(*(column.to_pylist() for column in found.columns), strict=True):
            self.by_column.update({reason.partition(":")[0] for reason in reasons})
            if len(self._first) < SHOWN:
                self._first += [f"{place(row, line, file)}: {reason}" for reason in reasons]
