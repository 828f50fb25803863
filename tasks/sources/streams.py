"""A stream as an incremental source: reads records after a position, up to a limit, as record batches."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import pyarrow as pa

from config.errors import SourceError
from tabular.formats import Format
from tasks.sources.source import BATCH_ROWS, Position
from tasks.sources.stream_records import Record, RecordRows

POLL_SECONDS = 0.5
"""The longest wait for records before limits and signals are looked at again."""


@dataclass(frozen=True)
class Limits:
    """Where a reading ends. By default with the last record that was there when it began."""

    records: int | None = None
    seconds: float | None = None
    """Waits for further records for this long; None: does not wait."""


class Reader(Protocol):
    """A connection to a stream, which continues where it stands."""

    def describe(self) -> str:
        """Describe the stream, without secrets."""

    def begin(self, position: Position | None) -> None:
        """Go to a position, or to the oldest record for None.

        Raises SourceError when records after it have been deleted, and Unreachable.
        """

    def read(self, at_most: int, seconds: float) -> list[Record]:
        """Return the next records, each partition's in order. Waits for the first one for at most `seconds`.

        Raises SourceError and Unreachable.
        """

    def has_caught_up(self) -> bool:
        """Whether every record has been read that was there at `begin`."""

    def position(self) -> Position:
        """Return the position after the last record of `read`."""

    def lag(self) -> str:
        """How far behind the end of the stream the position is: records, or seconds."""

    def close(self) -> None:
        """End the connection."""


@dataclass(frozen=True)
class Stream:
    """The records of a stream after a position. Sources of one stream share one reader: use one at a time."""

    reader: Reader
    rows: RecordRows
    start: Position | None = None
    limits: Limits = Limits()
    watch: Callable[[int], None] = lambda _: None
    """Called with the number of records of each read, also with 0."""

    @property
    def format(self) -> Format:
        """The format of texts in the cells."""
        return self.rows.format

    def describe(self) -> str:
        """Describe the stream, without secrets."""
        return self.reader.describe()

    def fingerprint(self) -> str | None:
        """None: only reading shows whether there are new records."""
        return None

    def after(self, position: Position | None) -> "Stream":
        """Return the source of the records after a position."""
        return replace(self, start=position)

    def within(self, limits: Limits) -> "Stream":
        """Return the same source with other limits."""
        return replace(self, limits=limits)

    def watched(self, watch: Callable[[int], None]) -> "Stream":
        """Return the same source, which calls `watch` with the number of records of each read, also with 0."""
        return replace(self, watch=watch)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the records as rows, no batch if there are none. Raises SourceError and Unreachable."""
        self.reader.begin(self.start)
        held: list[Record] = []
        for records in self._read():
            held += records
            if len(held) >= BATCH_ROWS:
                yield self.rows.batch(held[:BATCH_ROWS])
                held = held[BATCH_ROWS:]
        if held:
            yield self.rows.batch(held)

    def position(self) -> Position:
        """Return the position after the last record of `batches`."""
        return self.reader.position()

    def _read(self) -> Iterator[list[Record]]:
        begun, count, limits = time.monotonic(), 0, self.limits
        while limits.records is None or count < limits.records:
            left = POLL_SECONDS if limits.seconds is None else begun + limits.seconds - time.monotonic()
            if left <= 0 or (limits.seconds is None and self.reader.has_caught_up()):
                return
            wanted = BATCH_ROWS if limits.records is None else min(BATCH_ROWS, limits.records - count)
            records = self.reader.read(wanted, min(left, POLL_SECONDS))
            count += len(records)
            self.watch(len(records))
            yield records


def refuse_other_stream(position: Position, kind: str, name: str) -> None:
    """Raise SourceError when a position is of another stream than the configured one."""
    found = f"{position.get('kind')} {position.get('stream')}"
    if found != f"{kind} {name}":
        raise SourceError(
            f"{kind}:{name}: the dataset was read from {found} up to its last version: expected the same stream. "
            "Set `source` back, or give the use case another name, which begins a new dataset"
        )
