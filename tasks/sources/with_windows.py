"""A source of rows to score, with the windows that it lacks: computed from the stored history.

The history is the newest validated rows of the use case. The rows to score are not part of it: their order, their
number and how they are cut into jobs change no value, and no row counts twice when it is ingested later.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from config.errors import MissingInput
from config.use_case import UseCase
from config.windows import Window
from tabular.checks import check
from tabular.columns import Column
from tabular.formats import Format
from tabular.source_cells import UnusableColumn, cells
from tasks import digests
from tasks.model_contract import with_marks
from tasks.sources.source import REASON_COLUMN, Source, headers_of
from tasks.windows.history import History, batch_of, microseconds
from tasks.windows.stored_history import newest_rows


def with_windows(use_case: UseCase, source: Source) -> Source:
    """Return the source with the windows of requests that it lacks and has the columns for. Nothing is read."""
    return WithWindows(use_case, source) if use_case.requested_windows else source


@dataclass(frozen=True)
class WithWindows:
    """A source whose rows get the windows at the time of each row."""

    use_case: UseCase
    source: Source

    @property
    def format(self) -> Format:
        """The format of the source."""
        return self.source.format

    def describe(self) -> str:
        """The source."""
        return self.source.describe()

    def fingerprint(self) -> str | None:
        """The fingerprints of the source and of the history; None when the source has none."""
        own = self.source.fingerprint()
        return None if own is None else digests.of_json([own, self._history_token()])

    def _history_token(self) -> str | None:
        try:
            return newest_rows(self.use_case)
        except MissingInput:  # the source may have the windows itself
            return None

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows with the windows. A row whose key or time does not fit the schema is malformed.

        Raises the errors of the source, and MissingInput when windows are to be computed and no rows are validated.
        """
        history: History | None = None
        for batch in self.source.batches():
            missing = computed(self.use_case, headers_of(batch.schema))
            if missing and history is None:
                history = History.read(self.use_case, missing, newest_rows(self.use_case))
            yield _added(self.use_case, batch, missing, history, self.format) if history else batch


def computed(use_case: UseCase, found: Sequence[str]) -> dict[str, Window]:
    """Return the windows to compute for a source with the headers `found`: it lacks them, but has their key and time.

    One that it has itself is taken as it is.
    """
    headers, there = use_case.headers, set(found)
    return {
        name: window
        for name, window in use_case.requested_windows.items()
        if name not in there and there.issuperset(headers[each] for each in window.needed)
    }


def _added(
    use_case: UseCase, batch: pa.RecordBatch, windows: Mapping[str, Window], history: History, format: Format
) -> pa.RecordBatch:
    """Return a raw batch with the windows before the reserved columns, and with reasons for rows without them."""
    typed, bad, reasons = _typed(use_case, batch, windows, format)
    values = {name: _values(history, name, window, typed, bad) for name, window in windows.items()}
    columns = {name: batch[name] for name in headers_of(batch.schema)} | values
    reserved = {name: batch[name] for name in batch.schema.names if name not in columns}
    reserved[REASON_COLUMN] = pc.coalesce(batch[REASON_COLUMN], reasons.cast(batch[REASON_COLUMN].type))
    return pa.RecordBatch.from_pydict(columns | reserved)


def _values(history: History, name: str, window: Window, typed: pa.RecordBatch, bad: np.ndarray) -> pa.Array:
    """Return a window's (n,) values, null for bad rows."""
    good = np.flatnonzero(~bad)
    rows = typed.take(pa.array(good))
    found = history.values(name, rows, microseconds(rows[window.time]))
    places = np.full(len(bad), -1)
    places[good] = np.arange(len(good))
    return found.take(pa.array(places, mask=bad))


def _typed(
    use_case: UseCase, batch: pa.RecordBatch, windows: Mapping[str, Window], format: Format
) -> tuple[pa.RecordBatch, np.ndarray, pa.Array]:
    """Return n rows' typed keys and times, the (n,) mask of rows in which one does not fit, and their (n,) reasons."""
    known = with_marks({name: use_case.columns[name] for each in windows.values() for name in each.needed}, format)
    checked = check(_cells(use_case, batch, known), list(known.values()))
    malformed = batch[REASON_COLUMN].is_valid().to_numpy(zero_copy_only=False)
    reasons = dict[int, list[str]]()
    for problem in checked.problems():
        reasons.setdefault(problem.row, []).append(problem.text())
    texts = pa.array(["; ".join(reasons[row]) if row in reasons else None for row in range(len(batch))], pa.string())
    return batch_of(checked.frame, known), checked.bad_rows | malformed, texts


def _cells(use_case: UseCase, batch: pa.RecordBatch, known: Mapping[str, Column]) -> pd.DataFrame:
    """Return the (n, keys and times) raw cells. A column that can't be used is left out, as if it were absent."""
    found = dict[str, pd.Series]()
    for name in known:
        try:
            found[name] = cells(batch.column(use_case.headers[name]))
        except UnusableColumn:
            continue
    return pd.DataFrame(found, index=range(len(batch)))
