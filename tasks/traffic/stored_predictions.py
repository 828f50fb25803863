"""Stored predictions as live traffic, where an endpoint captures nothing: each folder of `predict` is a file."""

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
from tasks.progress import log
from tasks.references.monitoring import TrafficCounts
from tasks.rows.answer_columns import INFERENCE_ROW
from tasks.rows.input_rows import INPUT_ROW
from tasks.traffic.capture_files import HourFiles
from tasks.traffic.hours import HourKey, hour_of
from tasks.traffic.scored_rows import EVENT, ROW, TIME, schema

_STAMP = re.compile(r"\d{8}-\d{6}-[0-9a-f]{8}")


def by_hour(use_case: UseCase, first_hour: datetime) -> list[HourFiles]:
    """Return the folders of predictions from an hour on, by hour and version. Held-out predictions are no traffic."""
    found: dict[HourKey, HourFiles] = {}
    root = locations.predictions(use_case.name, "")
    for item in storage.listed(root.rstrip("/"), f"{first_hour:%Y%m%d-%H%M%S}"):
        folder, _, name = item.name.partition("/")
        if name == locations.MANIFEST and (version := _version(use_case, folder)) is not None:
            key = HourKey(_hosted(use_case, *version), platform().variant, hour_of(time_of(folder)))
            found.setdefault(key, HourFiles(key, version[0])).names.append(folder)
    return sorted(found.values(), key=lambda files: (files.key.start, files.key))


def _hosted(use_case: UseCase, version: int, package: str) -> str:
    return names.hosted(use_case, version, ["predictions", package])


def _version(use_case: UseCase, folder: str) -> tuple[int, str] | None:
    """The version that has predicted, and its ARN; None for predictions that are no traffic."""
    if not _STAMP.fullmatch(folder):
        return None
    manifest: Mapping[str, Any] | None = storage.find_manifest(locations.predictions(use_case.name, folder))
    if not manifest or manifest.get("held_out"):
        return None
    package = str(manifest.get("model_package_arn", ""))
    number = package.rpartition("/")[2]
    return (int(number), package) if number.isdecimal() else None


def time_of(folder: str) -> datetime:
    """Return when the predictions in a folder were made, by its name."""
    return datetime.strptime(folder[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)


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
        """Yield the scored rows of all folders."""
        for folder in self.files:
            address = locations.predictions(self.use_case.name, folder)
            self.counts += TrafficCounts(files=1, requests=1, refused_rows=self._quarantined(address))
            try:
                with storage.opened(f"{address}/predictions.parquet") as file:
                    for batch in pq.ParquetFile(file).iter_batches():
                        self.counts += TrafficCounts(rows=len(batch))
                        yield scored(self.use_case, folder, batch)
            except FileNotFoundError:
                continue
            except pa.ArrowException:
                self.counts += TrafficCounts(corrupt=1)
                self.reasons.append(f"{folder}: expected predictions in Parquet, found something else")
                log.warning("monitor   %s", self.reasons[-1])

    def _quarantined(self, address: str) -> int:
        manifest = storage.find_manifest(address) or {}
        return int(manifest.get("quarantined", 0))


def scored(use_case: UseCase, folder: str, batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch of stored predictions as scored rows. Columns that it lacks are null."""
    count, there = len(batch), batch.schema.names
    rows = batch.column(INPUT_ROW)
    if INFERENCE_ROW in there:
        rows = pc.coalesce(batch.column(INFERENCE_ROW), rows)
    identity = {
        EVENT: pa.array([folder] * count, pa.string()),
        ROW: rows,
        TIME: pa.array([time_of(folder)] * count, pa.timestamp("us", "UTC")),
    }
    columns = [
        identity[each.name].cast(each.type)
        if each.name in identity
        else batch.column(each.name).cast(each.type)
        if each.name in there
        else pa.nulls(count, each.type)
        for each in schema(use_case)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema(use_case))
