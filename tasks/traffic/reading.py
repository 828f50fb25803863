"""Reads the new files of one hour of traffic, and stores the hour with them by one conditional write.

A process that is killed leaves the former hour, or the new one. Two processes that read the same hour at the same time
both write objects, and one of them the hour; the other one reads it again, and finds the files in it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Protocol

import pyarrow as pa

from config.errors import VishwaOpsError
from config.use_case import UseCase
from tasks import digests, storage
from tasks.profiles.compact import to_bytes
from tasks.references.monitoring import TrafficCounts
from tasks.rows.scored_rows import schema
from tasks.rows.stored_rows import RowFile
from tasks.traffic import hours
from tasks.traffic.hour_profiles import HourProfiles, together
from tasks.traffic.hours import HOUR, Hour, HourKey
from tasks.traffic.increments import SHOWN_REASONS, hashes_of, hashes_to_bytes
from tasks.traffic.profile_columns import merged

MOST_ATTEMPTS = 10


class Rows(Protocol):
    """The scored rows of some files. The other members are complete when all batches were read."""

    counts: TrafficCounts
    reasons: list[str]
    events: list[int]

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the scored rows."""


Open = Callable[[Sequence[str], set[int]], Rows]
"""Opens files, by their names. The hashes of earlier events' ids make duplicates known."""


@dataclass(frozen=True)
class HourReader:
    """Reads the files of one hour that are new, from one kind of place."""

    use_case: UseCase
    key: HourKey
    version: int
    open: Open

    def read(self, names: Sequence[str], now: datetime) -> TrafficCounts:
        """Add the files that the stored hour does not have, and return what was counted in them.

        Raises VishwaOpsError when other processes replace the hour again and again.
        """
        for _ in range(MOST_ATTEMPTS):
            before, seen = hours.find(self.use_case.name, self.key)
            new = sorted(set(names).difference(before.files if before else ()))
            if not new:
                return TrafficCounts()
            hour, counts = self._with(before, new, now)
            try:
                hours.replace(self.use_case.name, hour, seen)
            except storage.Changed:
                continue
            return counts
        raise VishwaOpsError(f"{self.key.folder(self.use_case.name)}: other runs of monitor replace it. Run again")

    def _with(self, before: Hour | None, new: Sequence[str], now: datetime) -> tuple[Hour, TrafficCounts]:
        """Write the objects of an hour with more files. Returns the hour, and the counts of these files."""
        known = before or Hour(
            hosted=self.key.hosted, version=self.version, variant=self.key.variant, start=self.key.start, read=now
        )
        rows = self.open(new, {each for uri in known.events for each in hashes_of(storage.get(uri))})
        profiles = HourProfiles(self.use_case)
        with RowFile(schema(self.use_case)) as file:
            sketches = profiles.of(_noted(together(rows.batches()), file))
            counts = rows.counts + TrafficCounts(late_files=len(new) if before and _was_complete(before) else 0)
            added: dict[str, object] = {
                "read": now,
                "files": (*known.files, *new),
                "counts": known.counts + counts,
                "reasons": (*known.reasons, *rows.reasons)[:SHOWN_REASONS],
            }
            if rows.events:
                added["events"] = (*known.events, self._put("events", "bin", hashes_to_bytes(rows.events)))
            if file.rows:
                added["scored"] = (*known.scored, self._put("scored", "parquet", file.finished()))
                added["sketches"] = (*known.sketches, self._put("whylogs", "bin", sketches.to_bytes()))
                added["profile"] = self._profile("profile", known.profile, to_bytes(sketches.summary()))
                added["segments"] = {**known.segments, **self._segments(known, profiles.segments())}
        return known.model_copy(update=added), counts

    def _segments(self, known: Hour, profiled: dict[str, bytes]) -> dict[str, str]:
        return {
            name: self._profile(f"profile-{digests.of_json(name)[:12]}", known.segments.get(name), content)
            for name, content in profiled.items()
        }

    def _profile(self, name: str, earlier: str | None, content: bytes) -> str:
        return self._put(name, "bin", merged([storage.get(earlier), content]) if earlier else content)

    def _put(self, name: str, ending: str, content: bytes | IO[bytes]) -> str:
        """Write an object, and return its address. Equal content has one address."""
        digest = digests.of_bytes(content) if isinstance(content, bytes) else digests.of_file(content)
        uri = f"{self.key.folder(self.use_case.name)}/{name}-{digest[:16]}.{ending}"
        storage.put(uri, content)
        return uri


def _was_complete(hour: Hour) -> bool:
    """Whether an hour's files were read after its end."""
    return hour.read >= hour.start + HOUR


def _noted(batches: Iterator[pa.RecordBatch], file: RowFile) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        file.write(batch)
        yield batch
