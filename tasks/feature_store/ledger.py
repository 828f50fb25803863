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


@dataclass
class Ledger:
    """The digest of the values that were written last for each record.

    With `by_event_time`, each event time of an identifier is a record of its own.
    """

    folder: str
    by_event_time: bool
    digests: dict[Version, bytes] = field(default_factory=dict)
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
        """Whether a record was written last with these values."""
        return self.digests.get(self._key(identifier, event_time)) == digest

    def add(self, identifiers: list[str], event_times: list[str], digests: list[bytes]) -> None:
        """Store that n records were written."""
        table = pa.table([identifiers, event_times, digests], schema=SCHEMA)
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd")
        part = f"part-{self._parts:06}-{names.stamp()}.parquet"
        storage.put(f"{self.folder}/{part}", sink.getvalue().to_pybytes())
        self._note(identifiers, event_times, digests)

    def _note(self, identifiers: list[str], event_times: list[str], digests: list[bytes]) -> None:
        keys = map(self._key, identifiers, event_times)
        self.digests.update(zip(keys, digests, strict=True))
        self._parts += 1

    def _key(self, identifier: str, event_time: str) -> Version:
        return identifier, event_time if self.by_event_time else ""
