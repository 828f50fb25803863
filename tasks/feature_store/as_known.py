"""Which record of a history was known at the time of an event. A pure function of arrays.

A record is known from the later of its event time and the time when it was written, both included: one that was written
at the moment of the event is known, one that was written after it never is. Of the known records of a key, the newest
counts: by event time, then by the time of writing (SageMaker Developer Guide, "Feature Store offline store": EventTime,
then api_invocation_time, then write_time), then by its place in the history. If it is a deletion, nothing is known.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

NOTHING = -1
Times = npt.NDArray[np.int64]


@dataclass(frozen=True)
class History:
    """m records, in any order. Times are integers of one unit and origin, the same as those of the events."""

    keys: pa.Array | pa.ChunkedArray
    """(m,) keys. A record without a key is never found."""
    event_time: Times
    """(m,) from when a record is valid."""
    written: Times
    """(m,) when a record was written: `api_invocation_time`, when PutRecord was called."""
    stored: Times | None = None
    """(m,) `write_time`, when the offline store got the record. It only orders records that are equal otherwise."""
    deleted: npt.NDArray[np.bool_] | None = None
    """(m,) whether a record is a deletion."""


def known_rows(
    keys: pa.Array | pa.ChunkedArray, at: Times, history: History, max_age: int | None = None
) -> npt.NDArray[np.int64]:
    """Return the (n,) rows of the history that were known at n events, -1 where nothing was.

    `keys` are the (n,) keys of the events, of the type of the history's, and `at` their (n,) times. An event without a
    key knows nothing. A record older than `max_age` at the event, by its event time, is not used.
    """
    known = _unique(history.keys)
    own, wanted = _numbers(history.keys, known), _numbers(keys, known)
    newest = _newest_known(own, history)
    found = _last_at(own[newest.order], newest.since[newest.order], wanted, at)
    rows = np.where(found >= 0, newest.row[found], NOTHING) if len(newest.row) else np.full(len(at), NOTHING)
    there = rows >= 0
    if history.deleted is not None and there.any():
        there[there] = ~history.deleted[rows[there]]
    if max_age is not None and there.any():
        there[there] = at[there] - history.event_time[rows[there]] <= max_age
    return np.where(there, rows, NOTHING)


def rows_or_nulls(table: pa.Table, rows: npt.NDArray[np.int64]) -> pa.Table:
    """Return the (n,) rows of a table, with nulls for -1."""
    return table.take(pa.array(rows, mask=rows < 0))


@dataclass(frozen=True)
class _Newest:
    order: npt.NDArray[np.int64]
    """(m,) the records by key and by the time since when they are known."""
    since: Times
    """(m,) since when each record is known."""
    row: npt.NDArray[np.int64]
    """(m,) the newest record of its key, at each place of `order`."""


def _newest_known(own: npt.NDArray[np.int64], history: History) -> _Newest:
    """Find the newest known record of each key after each record becomes known."""
    since = np.maximum(history.event_time, history.written)
    order = np.lexsort((since, own))
    stored = history.written if history.stored is None else history.stored
    by_age = np.lexsort((stored, history.written, history.event_time, own))
    rank = np.empty(len(own), np.int64)
    rank[by_age] = np.arange(len(own))
    # The rank goes by key first, so that the running maximum never takes a record of another key.
    return _Newest(order, since, by_age[np.maximum.accumulate(rank[order])] if len(own) else rank)


def _last_at(
    keys: npt.NDArray[np.int64], times: Times, wanted: npt.NDArray[np.int64], at: Times
) -> npt.NDArray[np.int64]:
    """Return the (n,) last places with a wanted key and a time up to `at`, -1 for none.

    `keys` and `times` are sorted by key, then by time.
    """
    distinct = np.unique(times)
    width = len(distinct) + 1
    places = keys * width + np.searchsorted(distinct, times, side="right")
    bound = wanted * width + np.searchsorted(distinct, at, side="right")
    found = np.searchsorted(places, bound, side="right") - 1
    there = (found >= 0) & (wanted >= 0)
    there[there] = keys[found[there]] == wanted[there]
    return np.where(there, found, -1)


def _unique(keys: pa.Array | pa.ChunkedArray) -> pa.Array:
    return pc.drop_null(pc.unique(keys))


def _numbers(keys: pa.Array | pa.ChunkedArray, known: pa.Array) -> npt.NDArray[np.int64]:
    """Return the (n,) places of the keys among the known ones, -1 for others and for missing ones."""
    places = pc.index_in(keys, value_set=known, skip_nulls=True)
    return pc.fill_null(places, -1).to_numpy(zero_copy_only=False).astype(np.int64)  # type: ignore[no-any-return]
