"""Writes the new and changed rows of a validated dataset to the use case's feature group."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pyarrow as pa

from config.errors import InvalidRows
from config.feature_store import INGESTED, FeatureGroup
from config.use_case import UseCase
from tasks import clients, locations, storage
from tasks.feature_store import groups
from tasks.feature_store.bulk import write_all
from tasks.feature_store.ledger import Ledger
from tasks.feature_store.records import Records, columns_read, event_times, identifiers, records_of
from tasks.feature_store.windows import windows_at_event_times
from tasks.progress import RowProgress, log
from tasks.references import ValidatedDataset
from tasks.steps import step
from tasks.windows.history import with_values

PORTION = 2_500
"""Records between two entries of the ledger: at most so many are written again after an interruption."""


@step()
def write_features(use_case: UseCase, validated: ValidatedDataset) -> int:
    """Write the rows whose values are not in the use case's feature group yet. Returns their number.

    The group is created if needed. Running again writes nothing; after an interruption it continues. Raises
    InvalidRows, before anything is written, when two rows have the same key and event time.
    """
    group = use_case.feature_store
    if group is None:
        return 0
    landed = storage.modified(validated.dataset.uri).astimezone(UTC)
    _refuse_repeats(use_case, group, validated, landed)
    found = groups.ensure(use_case, group)
    ledger = Ledger.read(
        locations.written_features(use_case.name, found.table), by_event_time=group.event_time != INGESTED
    )
    windows = windows_at_event_times(use_case, group, validated.uri, landed)
    progress, written, first = RowProgress("features"), 0, 0
    for batch in storage.get_batches(validated.uri, columns_read(use_case, group)):
        rows, first = with_values(batch, windows, first), first + len(batch)
        for portion in _portions(rows):
            written += _write(found, group, records_of(use_case, group, portion, landed), ledger)
            progress.report(written)
    log.info("features  %s of %s rows written to %s", f"{written:,}", f"{validated.rows:,}", found.name)
    return written


def _portions(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    return (batch.slice(begin, PORTION) for begin in range(0, len(batch), PORTION))


def _write(found: groups.Group, group: FeatureGroup, records: Records, ledger: Ledger) -> int:
    """Write those of the records that are new or changed, and return their number."""
    every = list(zip(records.identifiers, records.event_times, records.digests, strict=True))
    new = [row for row, each in enumerate(every) if not ledger.has(*each)]
    if new:
        bodies = [records.record(row, group.identifier) for row in new]
        write_all(found.name, bodies, clients.feature_store().batch_write_record)
        ids, times, digests = (list(column) for column in zip(*(every[row] for row in new), strict=True))
        ledger.add(ids, times, digests)
    return len(new)


def _refuse_repeats(use_case: UseCase, group: FeatureGroup, validated: ValidatedDataset, landed: datetime) -> None:
    """Refuse rows with equal key and event time: which of them is the newest is not known."""
    seen: set[tuple[str, str]] = set()
    names = [name for name in columns_read(use_case, group) if name in (*group.key, group.event_time)]
    for batch in storage.get_batches(validated.uri, names):
        ids = identifiers([batch.column(name) for name in group.key]).to_pylist()
        rows = list(zip(ids, event_times(group, batch, landed), strict=True))
        before = len(seen)
        seen.update(rows)
        if len(seen) - before < len(rows):
            raise InvalidRows(
                f"feature group {group.group}: expected one row for each key ({', '.join(group.key)}) and event time "
                f"({group.event_time}), found several. Name all columns of the key, or the column of the event time, "
                "in feature_store"
            )
