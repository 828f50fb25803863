"""Windows in the Feature Store: of a record at its event time, and of a key now.

Both are what training computes for a row of the same key at that moment: from strictly earlier rows only. So a record
that is known at the time of a label never has the label's own row in its windows.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pyarrow as pa

from config.feature_store import INGESTED, FeatureGroup
from config.use_case import UseCase
from tabular.checks import check
from tasks import storage
from tasks.feature_store.online import Values, values_of
from tasks.windows.history import History, batch_of, microseconds
from tasks.windows.stored_history import newest_rows


def windows_at_event_times(use_case: UseCase, group: FeatureGroup, uri: str, landed: datetime) -> dict[str, pa.Array]:
    """Return the (m,) values of the group's windows for m validated rows, at the event times of their records."""
    names = [name for name in group.features if name in use_case.windows]
    if not names:
        return {}
    own = [] if group.event_time == INGESTED else [group.event_time]
    keys = dict.fromkeys(each for name in names for each in use_case.windows[name].key)
    rows = pa.Table.from_batches(storage.get_batches(uri, list(dict.fromkeys((*keys, *own)))))
    at = microseconds(rows[group.event_time]) if own else np.full(len(rows), _moment(landed))
    history = History.read(use_case, names, uri)
    return {name: history.values(name, rows, at) for name in names}


def current_values(use_case: UseCase, keys: Sequence[str], now: datetime | None = None) -> dict[str, Values]:
    """Return the columns of requests by key, as `values_of`, with the windows of `now`, in UTC.

    They are computed from the newest validated rows, not read from a group: a record has those of its event time. A
    record whose key does not fit the schema is left out. Raises the errors of `values_of`, and MissingInput when no run
    has validated rows.
    """
    found = values_of(use_case, keys)
    if not (windows := use_case.requested_windows) or not found:
        return found
    history = History.read(use_case, windows, newest_rows(use_case))
    at = _moment(now or datetime.now(UTC))
    for name, window in windows.items():
        rows, there = _typed(use_case, window.key, found)
        found = {key: found[key] for key in there}
        values = history.values(name, rows, np.full(len(there), at)).to_pylist()
        for key, value in zip(there, values, strict=True):
            found[key][name] = None if value is None else repr(value)
    return found


def _typed(use_case: UseCase, columns: Sequence[str], found: Mapping[str, Values]) -> tuple[pa.RecordBatch, list[str]]:
    """Return the typed key columns of the records that fit the schema, and the keys of these records."""
    cells = pd.DataFrame([[row.get(name) for name in columns] for row in found.values()], columns=list(columns))
    checked = check(cells.astype(object), [use_case.columns[name] for name in columns])
    good = ~checked.bad_rows
    return batch_of(checked.frame[good], columns), [key for key, fits in zip(found, good, strict=True) if fits]


def _moment(at: datetime) -> int:
    """Return microseconds since 1970."""
    return int(np.datetime64(at.astimezone(UTC).replace(tzinfo=None), "us").astype(np.int64))
