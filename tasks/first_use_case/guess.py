"""A guess about one column: what the use case says about it, why, and what a person should check."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tabular.cells import cells_of, texts_of
from tabular.columns import ColumnType
from tabular.formats import Format
from tabular.series import cells_in


@dataclass(frozen=True, eq=False)
class Facts:
    """The cells of one column in the sample."""

    name: str
    """The name in the use case."""
    header: str
    """The name in the source."""
    cells: pd.Series
    """The (n,) cells as the source has them."""
    format: Format

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(self.cells)

    @cached_property
    def texts(self) -> pa.Array:
        """The distinct texts of the cells, in order of appearance, without missing ones."""
        return self._counted[0]

    @cached_property
    def counts(self) -> np.ndarray:
        """The number of cells of each of `texts`."""
        return self._counted[1]

    @cached_property
    def _counted(self) -> tuple[pa.Array, np.ndarray]:
        array, _ = cells_of(cells_in(self.cells), inexact=True)
        found = pc.value_counts(texts_of(array).drop_null())
        texts, counts = found.field("values"), found.field("counts")
        stated = pc.not_equal(texts, "")
        return texts.filter(stated), counts.filter(stated).to_numpy()

    @property
    def stated(self) -> int:
        """The number of cells that are neither null nor empty."""
        return int(self.counts.sum())

    @property
    def distinct(self) -> int:
        """The number of different texts."""
        return len(self.texts)

    def count_of(self, mask: np.ndarray) -> int:
        """The number of cells whose text is in the (distinct,) mask."""
        return int(self.counts[mask].sum())


@dataclass(kw_only=True)
class Guess:
    """What the use case says about one column."""

    facts: Facts
    type: ColumnType
    format: str | None = None
    minimum: float | datetime | None = None
    maximum: float | datetime | None = None
    categories: tuple[str, ...] | None = None
    nullable: bool = False
    sensitive: bool = False
    missing: tuple[str, ...] = ()
    reasons: list[str] = field(default_factory=list)
    """Why, as a comment beside the column."""
    to_check: list[str] = field(default_factory=list)
    """What a person should check before the first run."""
    values: pd.Series = field(default_factory=lambda: pd.Series(dtype=float))
    """The (n,) typed values."""

    @property
    def name(self) -> str:
        """The name in the use case."""
        return self.facts.name

    @property
    def is_number(self) -> bool:
        """Whether it is a quantity."""
        return self.type in ("integer", "number")

    def written(self) -> dict[str, Any]:
        """Return the column's keys in the YAML."""
        given: dict[str, Any] = {"type": self.type}
        if self.facts.header != self.name:
            given["header"] = self.facts.header
        given |= {
            name: getattr(self, name) for name in ("format", "minimum", "maximum") if getattr(self, name) is not None
        }
        if self.categories:
            given["categories"] = list(self.categories)
        if self.missing:
            given["missing"] = list(self.missing)
        return given | {name: True for name in ("nullable", "sensitive") if getattr(self, name)}
