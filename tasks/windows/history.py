"""The history that windows are computed from: the validated rows of a use case."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa

from config.use_case import UseCase
from config.windows import Window
from tabular.derived import batch_with
from tabular.expressions import Expression
from tasks import storage
from tasks.windows.aggregates import DAY, Earlier, Floats, Integers, aggregated
from tasks.windows.keys import numbered, plain

Rows: TypeAlias = pa.Table | pa.RecordBatch
MICROSECONDS = pa.timestamp("us")


class History:
    """m validated rows: the columns that windows need. Texts are dictionaries, so that each is in memory once."""

    def __init__(self, use_case: UseCase, names: Iterable[str], batches: Iterable[pa.RecordBatch]) -> None:
        """`names` are the windows to compute. `batches` have at least `needed_columns`."""
        self._windows = {name: use_case.windows[name] for name in names}
        derived, kept = _derived(use_case, self._windows), _columns(self._windows)
        read = [_encoded(batch_with(batch, derived).select(kept)) for batch in batches]
        self._rows = pa.Table.from_batches(read).unify_dictionaries()

    @classmethod
    def read(cls, use_case: UseCase, names: Iterable[str], uri: str) -> "History":
        """Read the history from the Parquet file of validated rows."""
        names = tuple(names)
        return cls(use_case, names, storage.get_batches(uri, needed_columns(use_case, names)))

    def own_values(self) -> dict[str, pa.Array]:
        """Return each window's (m,) values of the history's own rows, each from its strictly earlier rows."""
        found = dict[str, pa.Array]()
        for name, window in self._windows.items():
            keys, _ = numbered([self._rows[each] for each in window.key])
            found[name] = self._aggregated(window, keys, keys, microseconds(self._rows[window.time]))
        return found

    def values(self, name: str, rows: Rows, at: Integers) -> pa.Array:
        """Return a window's (n,) values for rows with its key's columns, at their (n,) times in microseconds.

        They are those of rows of these keys that happen at these times. Null where nothing is earlier; 0 for `count`.
        """
        window = self._windows[name]
        keys, asked = numbered([self._rows[each] for each in window.key], [rows[each] for each in window.key])
        return self._aggregated(window, keys, asked, at)

    def _aggregated(self, window: Window, keys: Integers, asked: Integers, at: Integers) -> pa.Array:
        values = floats(self._rows[window.of]) if window.of else None
        earlier = Earlier.sorted(keys, microseconds(self._rows[window.time]), values)
        span = None if window.days is None else round(window.days * DAY)
        found = aggregated(window.aggregate, earlier, asked, at, span)
        return (
            pa.array(found.astype(np.int64)) if window.aggregate == "count" else pa.array(found, mask=np.isnan(found))
        )


def window_values(use_case: UseCase, uri: str) -> dict[str, pa.Array]:
    """Return the (m,) values of a use case's windows for m validated rows, each from its strictly earlier rows."""
    return History.read(use_case, use_case.windows, uri).own_values() if use_case.windows else {}


def batch_of(rows: pd.DataFrame, names: Iterable[str]) -> pa.RecordBatch:
    """Return columns of the (n, columns) typed rows as a batch."""
    return pa.RecordBatch.from_pandas(rows[list(names)], preserve_index=False)


def needed_columns(use_case: UseCase, names: Iterable[str]) -> list[str]:
    """Return the columns of the schema that these windows are computed from."""
    wanted = _columns({name: use_case.windows[name] for name in names})
    sources = {source for name in wanted for source in use_case.sources_of(name)}
    return [name for name in use_case.columns if name in sources]


def with_values(batch: pa.RecordBatch, values: Mapping[str, pa.Array], first: int = 0) -> pa.RecordBatch:
    """Return the batch with columns at its end: the values of its rows, of which the first has the number `first`."""
    for name, column in values.items():
        batch = batch.append_column(name, column.slice(first, len(batch)))
    return batch


def microseconds(column: pa.Array | pa.ChunkedArray) -> Integers:
    """Return (n,) dates without missing ones as microseconds since 1970."""
    return column.cast(MICROSECONDS).cast(pa.int64()).to_numpy()  # type: ignore[no-any-return]


def floats(column: pa.Array | pa.ChunkedArray) -> Floats:
    """Return a column's (n,) values, NaN for missing ones; 1 and 0 for true and false, and 0 for other texts."""
    column = plain(column)
    missing = column.is_null().to_numpy(zero_copy_only=False)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        numbers = np.asarray(column.to_numpy(zero_copy_only=False) == "true", dtype=np.float64)
    else:
        kind = pa.int64() if pa.types.is_timestamp(column.type) else column.type
        numbers = column.cast(kind).to_numpy(zero_copy_only=False).astype(np.float64)
    return np.where(missing, np.nan, numbers)


def _columns(windows: Mapping[str, Window]) -> list[str]:
    """The columns and derived columns of the windows' keys, times and values, each once."""
    every = [[*each.needed, *([each.of] if each.of else [])] for each in windows.values()]
    return list(dict.fromkeys(name for names in every for name in names))


def _derived(use_case: UseCase, windows: Mapping[str, Window]) -> dict[str, Expression]:
    """The expressions of the derived columns that windows aggregate, and of those that these use."""
    wanted, found = {each.of for each in windows.values()}, dict[str, Expression]()
    for name, expression in use_case.resolved.expressions.items():
        if name in wanted:
            found[name] = expression
    return found


def _encoded(batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = [each.dictionary_encode() if _is_text(each.type) else each for each in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
