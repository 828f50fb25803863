"""Checks rows against columns. Returns the typed values, and every problem by row and column."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np
import pandas as pd

from tabular.columns import Absent, Column, out_of_bounds, typed

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


@dataclass(frozen=True)
class Checked:
    """n rows and their problems."""

    frame: pd.DataFrame
    """(n, columns) typed values; a value that does not fit its type is missing."""
    bad: np.ndarray
    """(n, columns) mask of the values that do not fit."""
    raw: pd.DataFrame
    columns: tuple[Column, ...]

    @cached_property
    def bad_rows(self) -> np.ndarray:
        """The (n,) mask of the rows with problems."""
        return np.asarray(self.bad.any(axis=1), dtype=bool)

    def problems(self, most: int | None = None) -> list[Problem]:
        """Return the first `most` problems, or all, by row. The row number is the label in the frame's index."""
        return list(islice(self._problems(), most))

    def _problems(self) -> Iterator[Problem]:
        for row in np.flatnonzero(self.bad_rows):
            for number in np.flatnonzero(self.bad[row]):
                column = self.columns[number]
                found = column.shown(self.raw[column.name].iloc[row])
                yield Problem(int(self.frame.index[row]), column.name, column.expected, found)


def check(rows: pd.DataFrame, columns: Sequence[Column]) -> Checked:
    """Convert the rows to the types of `columns`, and find all problems. An absent column is one, even if nullable.

    Other columns of `rows` are ignored.
    """
    others = set(rows.columns) - {column.name for column in columns}
    frame, raw, bad = {}, {}, np.zeros((len(rows), len(columns)), dtype=bool)
    for number, column in enumerate(columns):
        cells = rows[column.name] if column.name in rows else _absent(rows, column, others)
        values, unread = typed(cells, column)
        bad[:, number] = (unread | out_of_bounds(values, column)).to_numpy()
        frame[column.name], raw[column.name] = values, cells
    typed_rows, raw_rows = pd.DataFrame(frame, index=rows.index), pd.DataFrame(raw, index=rows.index)
    return Checked(typed_rows, bad, raw_rows, tuple(columns))


def _absent(rows: pd.DataFrame, column: Column, others: set[str]) -> pd.Series:
    return pd.Series([Absent(column.name, others)] * len(rows), index=rows.index, dtype=object)
