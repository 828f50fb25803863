"""Checks rows against columns: the typed values, and every problem by row and column."""

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
    """What does not fit: a value, or a row as a whole."""

    row: int
    """Counted from 0; NO_ROW where it concerns all rows."""
    column: str
    """Empty where it concerns the whole row."""
    expected: str
    found: str

    def text(self) -> str:
        """The problem without its row: `column: expected ..., found ...`."""
        return f"{self.column or 'row'}: expected {self.expected}, found {self.found}"


@dataclass(frozen=True)
class Checked:
    """n rows and what of them does not fit."""

    frame: pd.DataFrame
    """(n, columns) typed values, missing where they can't be read."""
    bad: np.ndarray
    """(n, columns) mask of the values that do not fit."""
    raw: pd.DataFrame
    columns: tuple[Column, ...]

    @cached_property
    def bad_rows(self) -> np.ndarray:
        """The (n,) mask of the rows with a problem."""
        return np.asarray(self.bad.any(axis=1), dtype=bool)

    def problems(self, most: int | None = None) -> list[Problem]:
        """The first `most` problems, or all, by row; a row's number is its label in the frame's index."""
        return list(islice(self._problems(), most))

    def _problems(self) -> Iterator[Problem]:
        for row in np.flatnonzero(self.bad_rows):
            for number in np.flatnonzero(self.bad[row]):
                column = self.columns[number]
                found = column.shown(self.raw[column.name].iloc[row])
                yield Problem(int(self.frame.index[row]), column.name, column.expected, found)


def check(rows: pd.DataFrame, columns: Sequence[Column]) -> Checked:
    """Type the rows and find what does not fit `columns`: an absent column too, even a nullable one.

    Other columns of `rows` are left out.
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
