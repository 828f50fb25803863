"""Gives XGBoost this rank's rows in batches, with the cut points of all ranks' rows."""

from collections.abc import Callable, Sequence

import numpy as np
import xgboost

from tabular.channels import StoredRows
from tabular.compiled.encoding import Encoder
from tabular.compiled.one_hot_offsets import column_counts
from tabular.compiled.steps import OneHot, Step, width
from tabular.distributed.encoding import Summaries, typed_columns

DEFAULT_BINS = 256
"""XGBoost's default of `max_bin`."""
Weigh = Callable[[np.ndarray], np.ndarray | None]
"""Returns the weights of rows by their (n,) target; None for equal weights."""


class Batches(xgboost.DataIter):
    """Encodes stored rows batch by batch. XGBoost reads them as often as it needs to."""

    def __init__(self, rows: StoredRows, encoder: Encoder, weigh: Weigh) -> None:
        super().__init__(release_data=True)
        self._rows, self._encoder, self._weigh = rows, encoder, weigh
        self.reset()

    def reset(self) -> None:
        """Begin with the first row."""
        self._tables, self._first = self._rows.tables(), 0

    def next(self, input_data: Callable[..., None]) -> bool:
        """Hand over the next batch. Returns whether there was one."""
        table = next(self._tables, None)
        if table is None:
            return False
        truth = self._rows.truth[self._first : self._first + len(table)]
        self._first += len(table)
        encoded = self._encoder.encode(typed_columns(self._rows.contract, table), len(table))
        input_data(data=encoded, label=truth, weight=self._weigh(truth))
        return True


def binned(
    rows: StoredRows, encoder: Encoder, cuts: Sequence[np.ndarray], bins: int, threads: int, weigh: Weigh
) -> xgboost.QuantileDMatrix:
    """Return this rank's rows in XGBoost's bins: a byte for each value with up to 256 bins.

    XGBoost takes the cut points from another matrix, whose values they are.
    """
    points = np.full((max(map(len, cuts)), len(cuts)), np.nan, "float32")
    for place, each in enumerate(cuts):
        points[: len(each), place] = each
    reference = xgboost.QuantileDMatrix(points, max_bin=bins, nthread=threads)
    return xgboost.QuantileDMatrix(Batches(rows, encoder, weigh), ref=reference, max_bin=bins, nthread=threads)


def cuts_of(steps: Sequence[Step], summaries: Summaries) -> list[np.ndarray]:
    """Return the values of each encoded feature that begin its bins."""
    found = [np.zeros(1, "float32")] * width(steps)
    for step in steps:
        if isinstance(step, OneHot):
            summary = summaries.categories[step.column]
            counts = column_counts(step, summary.counts, summary.missing)
            for offset, count in enumerate(counts):
                values = [0.0] * (count < sum(counts)) + [1.0] * (count > 0)
                found[step.place + offset] = np.array(values, "float32")
        else:
            of_number = summaries.numbers[step.columns[0]]
            found[step.places[0]] = of_number.cuts
            for place in step.places[1:]:
                found[place] = of_number.indicator_cuts
    return found
