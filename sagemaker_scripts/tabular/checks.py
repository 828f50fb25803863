"""Checks the rows of a frame against columns, by `tabular.checked`."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tabular.checked import CheckedColumns, Problem, check_columns
from tabular.columns import Column
from tabular.series import cells_in, series_of


@dataclass(frozen=True, eq=False)
class Checked:
    """n rows and their problems."""

    frame: pd.DataFrame
    """(n, columns) typed values; a value that does not fit its type is missing."""
    found: CheckedColumns

    @property
    def bad(self) -> np.ndarray:
        """The (n, columns) mask of the values that do not fit."""
        return self.found.bad

    @property
    def bad_rows(self) -> np.ndarray:
        """The (n,) mask of the rows with problems."""
        return self.found.bad_rows

    def problems(self, most: int | None = None) -> list[Problem]:
        """Return the first `most` problems, or all, by row. The row number is the label in the frame's index."""
        return self.found.problems(most)


def check(rows: pd.DataFrame, columns: Sequence[Column]) -> Checked:
    """Convert the rows to the types of `columns`, and find all problems. An absent column is one, even if nullable.

    Other columns of `rows` are ignored.
    """
    cells = {str(name): cells_in(rows[name]) for name in rows}
    found = check_columns(cells, columns, len(rows), np.asarray(rows.index))
    frame = {name: series_of(values, rows.index) for name, values in found.values.items()}
    return Checked(pd.DataFrame(frame, index=rows.index), found)
