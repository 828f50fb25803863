"""Finds that a source's numbers or dates are written in another way than configured, once all of them were read."""

from collections import defaultdict
from collections.abc import Sequence

import pandas as pd
import pyarrow as pa

from config.errors import SourceError
from config.use_case import UseCase
from tabular.date_formats import TEMPORAL, described
from tabular.dates import suggest_formats
from tabular.marks import ReadTexts, marked, other_reading, suggest

TEXTS = pd.ArrowDtype(pa.large_string())
"""The type of a source's cells that are texts."""


class OtherReadings:
    """What could not be read as a column's type, and enough of what was read to tell what else it may mean."""

    def __init__(self, use_case: UseCase, source: str) -> None:
        self._use_case, self._source = use_case, source
        self._unread: dict[str, list[str]] = defaultdict(list)
        self._read: dict[str, ReadTexts] = defaultdict(ReadTexts)

    def add(self, name: str, raw: pd.Series, values: pa.Array, unread: Sequence[str]) -> None:
        """Add the next (n,) cells of a column, their (n,) typed values and the texts of those that can't be read."""
        self._unread[name] += unread
        if self._use_case.columns[name].type in ("integer", "number") and raw.dtype == TEXTS:
            texts = pa.chunked_array(pa.Array.from_pandas(raw)).combine_chunks()
            self._read[name].add(texts.filter(values.is_valid()))

    def refuse(self, rows: int) -> None:
        """Raise SourceError when another reading fits so many unread cells that the quality gate could not pass.

        So too when it fits all of a column's numbers, and those that were read mean others by it. `rows` is the number
        of all rows that are well formed.
        """
        most = self._use_case.quality.maximum_quarantined_share * rows
        for name, texts in self._unread.items():
            if not texts:
                continue
            expected, count, remedy = self._other_reading(name, texts)
            if not remedy or count <= most:
                remedy = self._contradicted(name, texts)
            if remedy:
                raise SourceError(
                    f"{self._source}: {name}: expected {expected}, found {count:,} of {rows:,} written in another way. "
                    f"Write {remedy} of {self._use_case.name}"
                )

    def _other_reading(self, name: str, texts: list[str]) -> tuple[str, int, str]:
        """What a column's cells are expected to be, how many texts another reading fits, and where to state it."""
        column = self._use_case.columns[name]
        if column.type in TEMPORAL:
            count, keys = suggest_formats(texts)
            return described(column.format, column.type), count, keys and f"{keys} in columns.{name}"
        others = marked(texts)
        marks = suggest(others)
        return "numbers with a decimal point", len(others), marks and f"{marks} in the source"

    def _contradicted(self, name: str, texts: list[str]) -> str:
        marks = other_reading(self._read[name].texts, marked(texts)) if name in self._read else ""
        return marks and f"{marks} in the source"
