"""Detects that a source's numbers or dates have another format than the configured one."""

from collections import defaultdict
from collections.abc import Sequence

import pyarrow as pa

from config.errors import SourceError
from config.use_case import UseCase
from tabular.date_formats import TEMPORAL, described
from tabular.dates import suggest_formats
from tabular.marks import ReadTexts, marked, other_reading, suggest
from tabular.plain_cells import content_of


class OtherReadings:
    """The texts that do not fit their column's type, and what is needed to find another format that fits them."""

    def __init__(self, use_case: UseCase, source: str) -> None:
        self._use_case, self._source = use_case, source
        self._unread: dict[str, list[str]] = defaultdict(list)
        self._read: dict[str, ReadTexts] = defaultdict(ReadTexts)

    def add(self, name: str, cells: pa.Array | None, values: pa.Array, unread: Sequence[str]) -> None:
        """Add the next (n,) cells of a column, their (n,) typed values, and the texts that do not fit the type.

        `cells` is None if the cells are not texts.
        """
        self._unread[name] += unread
        if cells is None or self._use_case.columns[name].type not in ("integer", "number"):
            return
        if not self._read[name].complete and b"." in content_of(cells):
            self._read[name].add(cells.filter(values.is_valid()))

    def needs_texts(self, name: str) -> bool:
        """Whether more texts of a column could show another format. Whole numbers have no decimal point."""
        return self._use_case.columns[name].type == "number" and not self._read[name].complete

    def refuse(self, rows: int) -> None:
        """Raise SourceError when another format fits so many of these texts that the quality gate would fail.

        Also raised when another format fits all of a column's numbers and gives them other values. `rows` is the number
        of well-formed rows.
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
                    f"{self._source}: {name}: expected {expected}, found {count:,} of {rows:,} in another format. "
                    f"Write {remedy} of {self._use_case.name}"
                )

    def _other_reading(self, name: str, texts: list[str]) -> tuple[str, int, str]:
        """Return what is expected of a column's cells, how many texts another format fits, and the key to set."""
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
