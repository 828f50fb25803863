"""Collects the texts of columns that show whether a source's numbers or dates have another format."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import pyarrow as pa

from tabular.marks import ReadTexts
from tabular.plain_cells import content_of


class SampledTexts:
    """The texts that do not fit their column's type, and samples of those that were read as numbers."""

    def __init__(self, types: Mapping[str, str]) -> None:
        """`types` has the type of each column."""
        self._types = types
        self.unread: dict[str, list[str]] = defaultdict(list)
        self.read: dict[str, ReadTexts] = defaultdict(ReadTexts)

    def add(self, name: str, cells: pa.Array | None, values: pa.Array, unread: Sequence[str]) -> None:
        """Add the next (n,) cells of a column, their (n,) typed values, and the texts that do not fit the type.

        `cells` is None if the cells are not texts.
        """
        self.unread[name] += unread
        if cells is None or self._types[name] not in ("integer", "number"):
            return
        if not self.read[name].complete and b"." in content_of(cells):
            self.read[name].add(cells.filter(values.is_valid()))

    def merge(self, unread: Mapping[str, Sequence[str]], read: Mapping[str, Sequence[str]]) -> None:
        """Add the texts that another instance collected. Their samples together decide the same as all texts."""
        for name, texts in unread.items():
            self.unread[name] += texts
        for name, texts in read.items():
            self.read[name].add(pa.array(texts, pa.large_string()))
