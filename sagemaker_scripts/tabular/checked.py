"""Checks the cells of columns. Returns the typed values, and every problem by row and column."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa

from tabular.arrow_objects import objects_of
from tabular.bounds import out_of_bounds
from tabular.cells import Cells
from tabular.columns import Absent, Column
from tabular.typed_cells import typed_cells

NO_ROW = -1


@dataclass(frozen=True)
class Problem:
    """A value, or a whole row, that does not fit."""

    row: int
    """The row number from 0; NO_ROW for a problem of all rows."""
    column: str
    """The column; empty for a problem of a whole row."""
    expected: str
    found: str

    def text(self) -> str:
        """The problem without its row number: `column: expected ..., found ...`."""
        return f"{self.column or 'row'}: expected {self.expected}, found {self.found}"


@dataclass(frozen=True, eq=False)
class CheckedColumns:
    """The columns of n rows, and their problems."""

    count: int
    """The number of rows."""
    columns: tuple[Column, ...]
    values: dict[str, pa.Array]
    """The (n,) typed values of each column, as `tabular.typed_cells` gives them: null where a cell is missing or does
    not fit its type."""
    bad: np.ndarray
    """(n, columns) mask of the values that do not fit."""
    raw: Mapping[str, Cells]
    """The (n,) cells as they were sent."""
    rows: np.ndarray
    """(n,) row numbers, for the problems."""

    @cached_property
    def bad_rows(self) -> np.ndarray:
        """The (n,) mask of the rows with problems."""
        return np.asarray(self.bad.any(axis=1), dtype=bool)

    def problems(self, most: int | None = None) -> list[Problem]:
        """Return the first `most` problems, or all, by row."""
        return list(islice(self._problems(), most))

    def take(self, mask: np.ndarray) -> "CheckedColumns":
        """Return the rows where the (n,) mask is true. They keep their row numbers."""
        kept = pa.array(mask)
        values = {name: values.filter(kept) for name, values in self.values.items()}
        raw = {
            name: cells[mask] if isinstance(cells, np.ndarray) else cells.filter(kept)
            for name, cells in self.raw.items()
        }
        return CheckedColumns(int(mask.sum()), self.columns, values, self.bad[mask], raw, self.rows[mask])

    def _problems(self) -> Iterator[Problem]:
        for place in np.flatnonzero(self.bad_rows):
            for number in np.flatnonzero(self.bad[place]):
                column = self.columns[number]
                found = column.shown(_cell(self.raw[column.name], int(place)))
                yield Problem(int(self.rows[place]), column.name, column.expected, found)


def _cell(cells: Cells, place: int) -> Any:
    return cells[place] if isinstance(cells, np.ndarray) else objects_of(cells.slice(place, 1))[0]


def check_columns(
    cells: Mapping[str, Cells], columns: Sequence[Column], count: int, rows: np.ndarray | None = None
) -> CheckedColumns:
    """Convert the (count,) cells of each column to its type, and find all problems.

    An absent column is a problem of every row, even if it is nullable. Other columns of `cells` are ignored. `rows` has
    the (count,) row numbers for messages, the default is from 0.
    """
    others = cells.keys() - {column.name for column in columns}
    raw = {column.name: _cells_or_absent(cells, column, count, others) for column in columns}
    values, bad = dict[str, pa.Array](), np.zeros((count, len(columns)), dtype=bool)
    for number, column in enumerate(columns):
        values[column.name], unfit = typed_cells(raw[column.name], column)
        bad[:, number] = unfit | out_of_bounds(values[column.name], column)
    return CheckedColumns(count, tuple(columns), values, bad, raw, np.arange(count) if rows is None else rows)


def _cells_or_absent(cells: Mapping[str, Cells], column: Column, count: int, others: set[str]) -> Cells:
    if (found := cells.get(column.name)) is not None:
        return found
    return np.full(count, Absent(column.name, others), dtype=object)
