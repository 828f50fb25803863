"""Detects that a source's numbers or dates have another format than the configured one."""

from config.errors import SourceError
from config.use_case import UseCase
from tabular.date_formats import TEMPORAL, described
from tabular.dates import suggest_formats
from tabular.marks import marked, other_reading, suggest
from tabular.sampled_texts import SampledTexts


class OtherReadings(SampledTexts):
    """The texts that do not fit their column's type, and what is needed to find another format that fits them."""

    def __init__(self, use_case: UseCase, source: str) -> None:
        super().__init__({name: column.type for name, column in use_case.columns.items()})
        self._use_case, self._source = use_case, source

    def needs_texts(self, name: str) -> bool:
        """Whether more texts of a column could show another format. Whole numbers have no decimal point."""
        complete = name in self.read and self.read[name].complete
        return self._use_case.columns[name].type == "number" and not complete

    def refuse(self, rows: int) -> None:
        """Raise SourceError when another format fits so many of these texts that the quality gate would fail.

        Also raised when another format fits all of a column's numbers and gives them other values. `rows` is the number
        of well-formed rows.
        """
        most = self._use_case.quality.maximum_quarantined_share * rows
        for name, texts in self.unread.items():
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
        marks = other_reading(self.read[name].texts, marked(texts)) if name in self.read else ""
        return marks and f"{marks} in the source"
