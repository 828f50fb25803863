"""Reads the history of a feature group from its offline store: Parquet files in S3, by the hour of the event time.

AWS writes them within about 15 minutes after a record (SageMaker Developer Guide, "Feature Store offline store").
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from config.errors import SourceError
from config.feature_store import EVENT_TIME
from tabular.columns import Column
from tabular.dates import MOMENT
from tabular.series import typed_array
from tabular.source_cells import cells
from tasks import digests, storage
from tasks.feature_store.as_known import History, Times
from tasks.feature_store.groups import Group

INVOKED, STORED, DELETED = "api_invocation_time", "write_time", "is_deleted"
OWN = pa.schema([(INVOKED, pa.timestamp("us")), (STORED, pa.timestamp("us")), (DELETED, pa.bool_())])
"""The columns that the Feature Store adds."""
ARROW = {"Integral": pa.int64(), "Fractional": pa.float64(), "String": pa.string()}
PARALLEL_DOWNLOADS = 8


def fingerprint(group: Group) -> str:
    """Return the digest of the names of the files. No file ever changes."""
    return digests.of_json(_files(group))


def history_of(group: Group, features: Sequence[str], *, by_event_time: bool = False) -> tuple[History, pa.Table]:
    """Return the records of a group, and the table of their features, in the same order.

    With `by_event_time`, a record counts as written at its event time. Raises SourceError for a feature that the group
    does not have, and for a group without an offline store.
    """
    if lacking := [name for name in features if name not in group.features]:
        raise SourceError(
            f"feature group {group.name}: expected the features {', '.join(lacking)}, found {', '.join(group.features)}"
        )
    wanted = list(dict.fromkeys([group.identifier, EVENT_TIME, *features]))
    schema = pa.schema([*((name, ARROW[group.features[name]]) for name in wanted), *OWN])
    with ThreadPoolExecutor(PARALLEL_DOWNLOADS, "offline-store") as pool:
        parts = list(pool.map(lambda name: _read(f"{group.offline}/{name}", schema), _files(group)))
    table = pa.concat_tables([schema.empty_table(), *parts])
    moments = times(table.column(EVENT_TIME), group.name)
    invoked, stored = (_micros(table.column(name)) for name in (INVOKED, STORED))
    deleted = table.column(DELETED).to_numpy().astype(bool)
    keys = table.column(group.identifier).cast(pa.string())
    written = moments if by_event_time else invoked
    return History(keys, moments, written, stored, deleted), table.select(list(features))


def times(column: pa.Array | pa.ChunkedArray, source: str) -> Times:
    """Return (n,) times of texts in ISO 8601, of dates or of timestamps as microseconds since 1970, in UTC.

    A missing one is the earliest time, at which nothing is known. Raises SourceError for other texts.
    """
    whole = pa.concat_arrays(column.chunks) if isinstance(column, pa.ChunkedArray) and column.chunks else column
    if not len(whole):
        return np.empty(0, np.int64)
    found = cells(whole)
    values, bad = typed_array(found, Column("", "datetime", nullable=True))
    if (unread := bad & found.notna().to_numpy()).any():
        raise SourceError(
            f"{source}: expected times in ISO 8601, such as 2026-01-31 or 2026-01-31T08:00:00Z; found others in "
            f"{int(unread.sum()):,} rows. Write them so, or name another column"
        )
    return values.to_numpy(zero_copy_only=False).astype(MOMENT).astype(np.int64)  # type: ignore[no-any-return]


def _files(group: Group) -> list[str]:
    if not group.offline:
        raise SourceError(f"feature group {group.name}: expected an offline store, found none")
    return sorted(name for name in storage.names(group.offline) if name.endswith(".parquet"))


def _read(uri: str, schema: pa.Schema) -> pa.Table:
    """Read a file, with nulls for features that the group did not have when it was written."""
    found = pq.ParquetFile(pa.BufferReader(storage.get(uri)))
    table = found.read(columns=[name for name in schema.names if name in found.schema_arrow.names])
    there = set(table.column_names)
    columns = [
        table.column(field.name).cast(field.type) if field.name in there else pa.nulls(len(table), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _micros(column: pa.ChunkedArray) -> Times:
    return column.to_numpy().astype(MOMENT).astype(np.int64)  # type: ignore[no-any-return]
