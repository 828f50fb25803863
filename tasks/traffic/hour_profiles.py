"""Profiles of an hour: of all scored rows, and of each segment."""

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from config.use_case import UseCase
from tabular.derived import batch_with
from tasks.profiled_columns import profiled_answers, profiled_features
from tasks.profiles import compact
from tasks.profiles.sketches import Sketches, profile
from tasks.traffic.profile_columns import merged

OTHER = "other"
"""The value of a segment's rows without a value, or with one beyond MOST_VALUES."""
MOST_VALUES = 50
TOGETHER = 65_536
"""The rows that are profiled at once, and the most rows of segments that wait."""


class HourProfiles:
    """Profiles the scored rows that go through `watched`."""

    def __init__(self, use_case: UseCase) -> None:
        self.types = {**profiled_features(use_case), **profiled_answers(use_case)}
        resolved = use_case.resolved.expressions
        wanted = {*self.types, *use_case.monitoring.segments}
        self._derived = {name: each for name, each in resolved.items() if name in wanted}
        self._segments = {name: values_of(use_case, name) for name in use_case.monitoring.segments}
        self._waiting: dict[str, list[pa.RecordBatch]] = {}
        self._rows = 0
        self._profiled: dict[str, list[bytes]] = {}

    def of(self, batches: Iterator[pa.RecordBatch]) -> Sketches:
        """Return the sketches of all rows, and profile each segment on the way."""
        return profile(map(self._seen, batches), self.types)

    def segments(self) -> dict[str, bytes]:
        """Return the compact profile of each segment with rows, such as `school=GP`."""
        self._profile_waiting()
        return {name: merged(found) for name, found in sorted(self._profiled.items())}

    def _seen(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        batch = batch_with(batch, self._derived) if self._derived else batch
        for column, values in self._segments.items():
            self._add(batch, column, values)
        if self._rows >= TOGETHER:
            self._profile_waiting()
        return batch

    def _add(self, batch: pa.RecordBatch, column: str, values: Sequence[str]) -> None:
        found = batch.column(column)
        named = pc.if_else(pc.is_in(found, pa.array(values, pa.string())), found, OTHER)
        for value in pc.unique(named).to_pylist():
            rows = batch.filter(pc.equal(named, value))
            self._waiting.setdefault(f"{column}={value}", []).append(rows)
            self._rows += len(rows)

    def _profile_waiting(self) -> None:
        for name, batches in self._waiting.items():
            self._profiled.setdefault(name, []).append(compact.to_bytes(profile(batches, self.types).summary()))
        self._waiting, self._rows = {}, 0


def values_of(use_case: UseCase, segment: str) -> tuple[str, ...]:
    """Return the values of a segment's column that have a profile of their own: the first MOST_VALUES categories."""
    derived = use_case.derived_columns.get(segment)
    column = derived.column if derived else use_case.split_columns[segment]
    return (column.categories or ())[:MOST_VALUES]


def together(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the rows in batches of about TOGETHER rows."""
    waiting, rows = list[pa.RecordBatch](), 0
    for batch in batches:
        waiting.append(batch)
        rows += len(batch)
        if rows >= TOGETHER:
            yield pa.concat_batches(waiting)
            waiting, rows = [], 0
    if waiting:
        yield pa.concat_batches(waiting)
