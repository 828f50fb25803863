"""What `predict` and `score` stored as live traffic, where an endpoint captures nothing: each folder is a file."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from config.use_case import UseCase
from tasks import locations, names, storage
from tasks.platform import platform
from tasks.references.monitoring import TrafficCounts
from tasks.rows.answer_columns import INFERENCE_ROW, INPUT_ROW
from tasks.rows.scored_rows import EVENT, ROW, TIME, schema
from tasks.traffic.capture_files import HourFiles
from tasks.traffic.hours import HourKey, hour_of

PREDICTED, SCORED = "predictions", "scores/results"
"""The folders of `predict` and of `score`, below a use case's prefix."""
PREDICTIONS = re.compile(r"predictions(\.parquet|/.*)")
"""The objects of predictions in a folder."""


@dataclass(frozen=True)
class StoredPredictions:
    """A folder of predictions of a registered version."""

    name: str
    """Below the use case's prefix."""
    package: str
    """The ARN of the version."""
    version: int
    time: datetime
    quarantined: int

    @property
    def id(self) -> str:
        """What identifies it: the id of `predict`, or the digest of `score`."""
        return self.name.rpartition("/")[2]


def by_hour(use_case: UseCase, first_hour: datetime) -> list[HourFiles]:
    """Return the folders of predictions from an hour on, by hour and version. Held-out predictions are no traffic."""
    found: dict[HourKey, HourFiles] = {}
    for name in _folders(use_case, first_hour):
        if stored := find(use_case, name):
            hosted = names.hosted(use_case, stored.version, [PREDICTED, stored.package])
            key = HourKey(hosted, platform().variant, hour_of(stored.time))
            found.setdefault(key, HourFiles(key, stored.version)).names.append(name)
    return sorted(found.values(), key=lambda files: (files.key.start, files.key))


def _folders(use_case: UseCase, first_hour: datetime) -> Iterator[str]:
    """Yield the complete folders of an hour and later: the id of `predict` begins with the time."""
    root = locations.root(use_case.name)
    predicted = storage.listed(f"{root}/{PREDICTED}", names.stamp_time(first_hour))
    results = (item for item in storage.listed(f"{root}/{SCORED}") if item.written >= first_hour)
    for kind, items in ((PREDICTED, predicted), (SCORED, results)):
        for item in items:
            folder, _, name = item.name.partition("/")
            if name == locations.MANIFEST:
                yield f"{kind}/{folder}"


def find(use_case: UseCase, name: str) -> StoredPredictions | None:
    """Return what a folder has, by its manifest; None for predictions that are no traffic, or of no known version."""
    manifest: Mapping[str, Any] | None = storage.find_manifest(f"{locations.root(use_case.name)}/{name}")
    if not manifest or manifest.get(locations.HELD_OUT):
        return None
    package, time = str(manifest.get("model_package_arn", "")), _time(name, manifest)
    version = package.rpartition("/")[2]
    if time is None or not version.isdecimal():
        return None
    return StoredPredictions(name, package, int(version), time, int(manifest.get("quarantined", 0)))


def _time(name: str, manifest: Mapping[str, Any]) -> datetime | None:
    """When the predictions were made: `score` says it, the id of `predict` has it."""
    stamp = name.rpartition("/")[2]
    if name.startswith(SCORED):
        return datetime.fromisoformat(manifest["scored_at"]).astimezone(UTC)
    return names.time_of(stamp)


@dataclass
class PredictionRows:
    """Reads folders of predictions as scored rows."""

    use_case: UseCase
    files: Sequence[str]
    seen: set[int]
    counts: TrafficCounts = field(default_factory=TrafficCounts)
    reasons: list[str] = field(default_factory=list)
    events: list[int] = field(default_factory=list)
    """Empty: a folder is read once."""

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the scored rows of all folders. A folder that has been deleted meanwhile has none."""
        for name in self.files:
            self.counts += TrafficCounts(files=1)
            if stored := find(self.use_case, name):
                self.counts += TrafficCounts(requests=1, refused_rows=stored.quarantined)
                yield from self._rows(stored)

    def _rows(self, stored: StoredPredictions) -> Iterator[pa.RecordBatch]:
        folder = f"{locations.root(self.use_case.name)}/{stored.name}"
        for name in filter(PREDICTIONS.fullmatch, storage.names(folder)):
            try:
                with storage.opened(f"{folder}/{name}") as file:
                    for batch in pq.ParquetFile(file).iter_batches():
                        self.counts += TrafficCounts(rows=len(batch))
                        yield scored(self.use_case, stored, batch)
            except FileNotFoundError:
                continue
            except pa.ArrowException:
                self.counts += TrafficCounts(corrupt=1)
                self.reasons.append(f"{stored.name}/{name}: expected predictions in Parquet, found something else")


def scored(use_case: UseCase, stored: StoredPredictions, batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch of stored predictions as scored rows. Columns that it lacks are null."""
    count, there = len(batch), batch.schema.names
    rows = batch.column(INPUT_ROW)
    if INFERENCE_ROW in there:
        rows = pc.coalesce(batch.column(INFERENCE_ROW), rows)
    columns = {name: batch.column(name) for name in there} | {
        EVENT: pa.array([stored.id] * count, pa.string()),
        ROW: rows,
        TIME: pa.array([stored.time] * count, pa.timestamp("us", "UTC")),
    }
    wanted = schema(use_case)
    arrays = [
        columns[each.name].cast(each.type) if each.name in columns else pa.nulls(count, each.type) for each in wanted
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=wanted)
