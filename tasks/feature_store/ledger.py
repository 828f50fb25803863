"""What was written to a feature group: Parquet files in S3, one for each portion of records that SageMaker accepted.

The Feature Store itself can't tell in time: the offline store has a record only after about 15 minutes, and a group may
have no online store.
"""

from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.parquet as pq

from tasks import names, storage

SCHEMA = pa.schema([("identifier", pa.string()), ("event_time", pa.string()), ("digest", pa.binary())])
Version = tuple[str, str]
"""An identifier and an event time."""
Written = tuple[str, bytes]
"""The event time of a record, and the digest of its values."""


@dataclass
class Ledger:
    """What was written for each record, by the newest event time: that of the online store.

    With `by_event_time`, each event time of an identifier is a record of its own.
    """

    folder: str
    by_event_time: bool
    newest: dict[Version, Written] = field(default_factory=dict)
    _parts: int = 0

    @classmethod
    def read(cls, folder: str, *, by_event_time: bool) -> "Ledger":
        """Read the files of a folder, in the order of their names."""
        ledger = cls(folder, by_event_time)
        for name in sorted(storage.names(folder)):
            table = pq.read_table(pa.BufferReader(storage.get(f"{folder}/{name}")))
            ledger._note(*(table.column(column).to_pylist() for column in SCHEMA.names))
        return ledger

    def has(self, identifier: str, event_time: str, digest: bytes) -> bool:
        """Whether these values are the newest that were written for a record."""
        found = self.newest.get(self._key(identifier, event_time))
        return found is not None and found[1] == digest

    def add(self, identifiers: list[str], event_times: list[str], digests: list[bytes]) -> None:
        """Store that n records were written."""
        table = pa.table([identifiers, event_times, digests], schema=SCHEMA)
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd")
        part = f"part-{self._parts:06}-{names.stamp()}.parquet"
        storage.put(f"{self.folder}/{part}", sink.getvalue().to_pybytes())
        self._note(identifiers, event_times, digests)

    def _note(self, identifiers: list[str], event_times: list[str], digests: list[bytes]) -> None:
        for identifier, event_time, digest in zip(identifiers, event_times, digests, strict=True):
            key = self._key(identifier, event_time)
            if key not in self.newest or event_time >= self.newest[key][0]:
                self.newest[key] = event_time, digest
        self._parts += 1

    def _key(self, identifier: str, event_time: str) -> Version:
        return identifier, event_time if self.by_event_time else ""
